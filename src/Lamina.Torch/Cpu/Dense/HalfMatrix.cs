using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Vector = System.Runtime.Intrinsics.Vector512<float>;

namespace Lamina.Torch.Cpu;

/// <summary>
/// A matrix (in, out) stored as 16-bit floating point (<see cref="Half"/>), each column times a power of two that puts its
/// largest value below 2¹⁵: a value is then off by 2⁻¹¹ of itself at most, and never too small for the format where that
/// would be seen. Products with it are computed in float32.
/// </summary>
internal sealed unsafe class HalfMatrix : IDisposable
{
    // A row is a whole number of vectors of 16-bit numbers.
    private const int RowMultiple = 32;
    private const int LargestExponent = 14;
    private const int Depth = 192;

    private readonly Tensor _values;
    private readonly float[] _scales;

    /// <summary>Stores a float32 matrix.</summary>
    /// <param name="weight">(in, out).</param>
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

    /// <summary>Rows: inputs.</summary>
    public int Rows { get; }

    /// <summary>Columns: outputs.</summary>
    public int Columns { get; }

    /// <summary>Numbers from a row to the next: the columns, up to whole vectors.</summary>
    public int Stride { get; }

    /// <summary>Where a value lies.</summary>
    public short* At(long row, int column) => (short*)_values.ReadRaw + (row * Stride) + column;

    /// <summary>What a column's sums are to be multiplied by.</summary>
    public float Scale(int column) => _scales[column];

    /// <summary>The first 16 numbers as float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector Low(Vector512<short> half) => Widen(Vector512.WidenLower(half));

    /// <summary>The last 16 numbers as float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector High(Vector512<short> half) => Widen(Vector512.WidenUpper(half));

    /// <summary>x·W + b for any number of rows, panel by panel of W in float32.</summary>
    /// <param name="x">(rows, in).</param>
    /// <param name="bias">(out), or none.</param>
    /// <param name="relu">Whether negative sums become 0.</param>
    public Tensor Multiply(Tensor x, Tensor? bias, bool relu)
    {
        int rows = (int)x.Sizes[0];
        int padded = (rows + MatrixBlock.RowMultiple - 1) / MatrixBlock.RowMultiple * MatrixBlock.RowMultiple;
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
            MatrixBlock.Multiply(
                rows,
                RowMultiple,
                depth,
                left + first,
                Rows,
                1,
                panel,
                RowMultiple,
                sums,
                RowMultiple,
                add: first > 0
            );
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Expand(int first, int depth, int column, float* panel)
    {
        for (int row = 0; row < depth; row++)
        {
            Vector512<short> half = Vector512.Load(At(first + row, column));
            Low(half).Store(panel + (row * RowMultiple));
            High(half).Store(panel + (row * RowMultiple) + (RowMultiple / 2));
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
                throw new LaminaException("16 bits hold no weights that are not finite. Train again, or use float32.");
            }
            int exponent = most > 0 ? Math.Clamp(LargestExponent - (int)Math.Floor(Math.Log2(most)), -100, 100) : 0;
            factors[column] = MathF.ScaleB(1, exponent);
            _scales[column] = MathF.ScaleB(1, -exponent);
        }
        return factors;
    }

    // Sign and the 15 other bits go to their places; the exponent's bias is off by 112. Multiplying mends it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector Widen(Vector512<int> half) =>
        ((half << 13) & Vector512.Create(unchecked((int)0x8fffe000))).AsSingle()
        * Vector512.Create(MathF.ScaleB(1, 112));
}
