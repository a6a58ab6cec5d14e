namespace Lamina.Torch.Cpu;

/// <summary>
/// A matrix (in, out) in 16 bits, in panels of columns, so that neighboring rows lie on few pages. Products are computed in
/// float32.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
/// <typeparam name="TFormat">The 16 bits.</typeparam>
internal sealed unsafe class HalfMatrix<TVector, TFormat> : IDisposable
    where TVector : unmanaged, IFloats<TVector>
    where TFormat : struct, IHalfFormat
{
    /// <summary>The number of columns of a panel; of the last one at most.</summary>
    public const int PanelColumns = 512;

    // A row of a panel is a whole number of vectors, for every width.
    private const int RowMultiple = 32;

    // The largest finite bfloat16; above it, rounding may yield infinity.
    private const float MostFinite = 3.3895314e38f;

    private readonly Tensor _values;
    private readonly float[] _scales;

    /// <summary>Stores a float32 matrix.</summary>
    /// <param name="weight">The matrix, (in, out).</param>
    public HalfMatrix(Tensor weight)
    {
        (Rows, Columns) = ((int)weight.Sizes[0], (int)weight.Sizes[1]);
        Padded = (Columns + RowMultiple - 1) / RowMultiple * RowMultiple;
        IsFinite = !weight.AsSpan().ContainsAnyExceptInRange(-MostFinite, MostFinite);
        _scales = new float[Padded];
        _values = Tensor.Empty([Rows, Padded * sizeof(short)], DType.UInt8);
        float[] factors = TFormat.Factors(weight);
        float* from = weight.ReadData;
        for (int column = 0; column < Columns; column++)
        {
            _scales[column] = 1 / factors[column];
        }
        ElementLoop.Run(
            Rows,
            (begin, end) =>
            {
                for (long row = begin; row < end; row++)
                {
                    for (int panel = 0; panel < Padded; panel += PanelColumns)
                    {
                        short* to = At(row, panel);
                        int width = Stride(panel);
                        for (int i = 0; i < width; i++)
                        {
                            int column = panel + i;
                            to[i] =
                                column < Columns
                                    ? TFormat.Round(from[(row * Columns) + column] * factors[column])
                                    : default;
                        }
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

    /// <summary>The number of columns, rounded up to whole vectors.</summary>
    public int Padded { get; }

    /// <summary><see langword="true"/> if no value is NaN or infinite, so that 0 times each is 0.</summary>
    public bool IsFinite { get; }

    /// <summary>Returns the address of a value.</summary>
    public short* At(long row, int column)
    {
        int start = column / PanelColumns * PanelColumns;
        return (short*)_values.ReadRaw + (start * (long)Rows) + (row * Stride(column)) + (column - start);
    }

    /// <summary>Returns the distance between rows of the panel with a column.</summary>
    public int Stride(int column) => Math.Min(PanelColumns, Padded - (column / PanelColumns * PanelColumns));

    /// <summary>Returns the factor of a column's sums.</summary>
    public float Scale(int column) => _scales[column];

    /// <summary>
    /// Returns by which power of two x is to be multiplied, so that the loops need not multiply each weight: by all that
    /// the format's numbers are too small by, as far as x has room.
    /// </summary>
    /// <param name="x">The values that will be multiplied with the matrix.</param>
    /// <param name="rest">Receives the factor that remains for the sums.</param>
    public static float FactorOf(ReadOnlySpan<float> x, out float rest)
    {
        const int MostExponent = 126;
        float largest = 0;
        foreach (float value in x)
        {
            float size = Math.Abs(value);
            largest = size > largest && float.IsFinite(size) ? size : largest;
        }
        int room = MostExponent - (largest > 0 ? Math.ILogB(largest) : 0);
        int exponent = Math.Min(TFormat.Exponent, room);
        rest = MathF.ScaleB(1, TFormat.Exponent - exponent);
        return MathF.ScaleB(1, exponent);
    }

    /// <summary>Computes x·W + b for any number of rows.</summary>
    /// <param name="x">The rows, (rows, in).</param>
    /// <param name="bias">The bias, (out), or <see langword="null"/>.</param>
    /// <param name="relu"><see langword="true"/> to replace negative sums by 0.</param>
    public Tensor Multiply(Tensor x, Tensor? bias, bool relu) => HalfProduct<TVector, TFormat>.Run(x, this, bias, relu);

    /// <inheritdoc/>
    public void Dispose() => _values.Dispose();
}
