using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// A matrix (in, out) stored as 16-bit floating point (<see cref="Half"/>), with each column scaled by a power of two
/// that puts its largest value below 2¹⁵. A value then has a relative error of at most 2⁻¹¹, and underflows only where
/// that is negligible. Products are computed in float32.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed unsafe class HalfMatrix<TVector> : IDisposable
    where TVector : unmanaged, IFloats<TVector>
{
    // A row is a whole number of vectors, for every width.
    private const int RowMultiple = 32;
    private const int LargestExponent = 14;
    private const int Depth = 192;

    private readonly Tensor _values;
    private readonly float[] _scales;

    /// <summary>Stores a float32 matrix.</summary>
    /// <param name="weight">The matrix, (in, out).</param>
    public HalfMatrix(Tensor weight)
    {
        (Rows, Columns) = ((int)weight.Sizes[0], (int)weight.Sizes[1]);
        Stride = (Columns + RowMultiple - 1) / RowMultiple * RowMultiple;
        _scales = new float[Stride];
        _values = Tensor.Empty([Rows, Stride * sizeof(short)], DType.UInt8);
        float[] factors = Factors(weight);
        float* from = weight.ReadData;
        ElementLoop.Run(
            Rows,
            (begin, end) =>
            {
                for (long row = begin; row < end; row++)
                {
                    Half* to = (Half*)At(row, 0);
                    for (int column = 0; column < Stride; column++)
                    {
                        to[column] =
                            column < Columns ? (Half)(from[(row * Columns) + column] * factors[column]) : default;
                    }
                }
            },
            grain: 1
        );
        GC.KeepAlive(weight);
    }

    /// <summary>The number of rows (inputs).</summary>
    public int Rows { get; }

    /// <summary>The number of columns (outputs).</summary>
    public int Columns { get; }

    /// <summary>The distance between rows in numbers: the columns, rounded up to whole vectors.</summary>
    public int Stride { get; }

    /// <summary>Returns the address of a value.</summary>
    public short* At(long row, int column) => (short*)_values.ReadRaw + (row * Stride) + column;

    /// <summary>Returns the factor of a column's sums.</summary>
    public float Scale(int column) => _scales[column];

    /// <summary>Computes x·W + b for any number of rows, one panel of W at a time in float32.</summary>
    /// <param name="x">The rows, (rows, in).</param>
    /// <param name="bias">The bias, (out), or <see langword="null"/>.</param>
    /// <param name="relu"><see langword="true"/> to replace negative sums by 0.</param>
    public Tensor Multiply(Tensor x, Tensor? bias, bool relu)
    {
        int rows = (int)x.Sizes[0];
        int padded = MatrixBlock<TVector>.RoundUp(rows);
        using Tensor? whole = padded == rows ? null : Padded(x, padded);
        Tensor y = Tensor.Empty([rows, Columns]);
        float* left = (whole ?? x).ReadData;
        float* shift = bias is null ? null : bias.ReadData;
        float* result = y.WriteData();
        ElementLoop.Run(
            Stride / RowMultiple,
            (begin, end) =>
            {
                float* panel = Scratch.Floats((Depth * RowMultiple) + ((long)padded * RowMultiple));
                float* sums = panel + (Depth * RowMultiple);
                for (int i = (int)begin; i < end; i++)
                {
                    Panel(left, padded, i * RowMultiple, panel, sums);
                    Write(sums, rows, i * RowMultiple, shift, relu, result);
                }
            },
            grain: 1
        );
        GC.KeepAlive(x);
        GC.KeepAlive(bias);
        return y;
    }

    /// <inheritdoc/>
    public void Dispose() => _values.Dispose();

    private void Panel(float* left, int rows, int column, float* panel, float* sums)
    {
        for (int first = 0; first < Rows; first += Depth)
        {
            int depth = Math.Min(Depth, Rows - first);
            Expand(first, depth, column, panel);
            for (int i = 0; i < RowMultiple; i += MatrixBlock<TVector>.PanelWidth)
            {
                MatrixBlock<TVector>.Multiply(
                    rows,
                    MatrixBlock<TVector>.PanelWidth,
                    depth,
                    left + first,
                    Rows,
                    1,
                    panel + i,
                    RowMultiple,
                    sums + i,
                    RowMultiple,
                    add: first > 0
                );
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Expand(int first, int depth, int column, float* panel)
    {
        for (int row = 0; row < depth; row++)
        {
            short* half = At(first + row, column);
            for (int i = 0; i < RowMultiple; i += TVector.Count)
            {
                TVector.Widen(half + i).Store(panel + (row * RowMultiple) + i);
            }
        }
    }

    private void Write(float* sums, int rows, int column, float* shift, bool relu, float* result)
    {
        int count = Math.Min(RowMultiple, Columns - column);
        for (int row = 0; row < rows; row++)
        {
            float* from = sums + ((long)row * RowMultiple);
            float* to = result + ((long)row * Columns) + column;
            for (int i = 0; i < count; i++)
            {
                float value = (from[i] * _scales[column + i]) + (shift == null ? 0 : shift[column + i]);
                to[i] = relu ? Math.Max(value, 0) : value;
            }
        }
    }

    private static Tensor Padded(Tensor x, int rows)
    {
        Tensor whole = Tensor.Zeros([rows, x.Sizes[1]]);
        x.AsSpan().CopyTo(whole.WriteSpan());
        return whole;
    }

    private float[] Factors(Tensor weight)
    {
        var largest = new float[Columns];
        ReadOnlySpan<float> values = weight.AsSpan();
        for (int row = 0; row < Rows; row++)
        {
            for (int column = 0; column < Columns; column++)
            {
                largest[column] = Math.Max(largest[column], Math.Abs(values[(row * Columns) + column]));
            }
        }
        var factors = new float[Columns];
        for (int column = 0; column < Columns; column++)
        {
            float most = largest[column];
            if (!float.IsFinite(most))
            {
                throw new LaminaException(
                    "Weights that are not finite cannot be stored in 16 bits. Train again, or use float32."
                );
            }
            int exponent = most > 0 ? Math.Clamp(LargestExponent - (int)Math.Floor(Math.Log2(most)), -100, 100) : 0;
            factors[column] = MathF.ScaleB(1, exponent);
            _scales[column] = MathF.ScaleB(1, -exponent);
        }
        return factors;
    }
}
