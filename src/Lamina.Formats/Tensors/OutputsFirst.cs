namespace Lamina;

/// <summary>
/// PyTorch's layout of kernels, and Lamina's. PyTorch's is a matrix (outputs, inputs), where the inputs of a convolution are
/// (channel, row, column); Lamina's has the transposed matrix, where they are (row, column, channel), with their rows in
/// another order therefore.
/// </summary>
/// <param name="outputs">The outputs: filters or units.</param>
/// <param name="rowOf">For each of PyTorch's inputs, Lamina's row.</param>
internal sealed class OutputsFirst(int outputs, int[] rowOf)
{
    // 2 MB of input at a time, which second-level caches about hold; 64 outputs make whole cache lines.
    private const int BlockElements = 1 << 19;
    private const int MaxBlockOutputs = 64;

    /// <summary>The rows' places where each is its own.</summary>
    public static int[] InOrder(int count) => [.. Enumerable.Range(0, count)];

    /// <summary>Where rows lie whose inputs are (channel, position) here and (position, channel) there.</summary>
    public static int[] ChannelsLast(int channels, int positions)
    {
        var rowOf = new int[checked(channels * positions)];
        for (int c = 0; c < channels; c++)
        {
            for (int p = 0; p < positions; p++)
            {
                rowOf[(c * positions) + p] = (p * channels) + c;
            }
        }
        return rowOf;
    }

    /// <summary>Reads PyTorch's matrix into Lamina's.</summary>
    public void Read(FloatReader reader, Span<float> kernel)
    {
        int inputs = rowOf.Length;
        if (outputs == 1 || inputs > BlockElements)
        {
            ReadByRow(reader, kernel);
            return;
        }
        int most = Math.Clamp(BlockElements / inputs, 1, Math.Min(MaxBlockOutputs, outputs));
        float[] block = GC.AllocateUninitializedArray<float>(most * inputs);
        for (int first = 0; first < outputs; first += most)
        {
            int count = Math.Min(most, outputs - first);
            reader(block.AsSpan(0, count * inputs));
            for (int i = 0; i < inputs; i++)
            {
                Span<float> row = kernel.Slice((rowOf[i] * outputs) + first, count);
                for (int o = 0, at = i; o < row.Length; o++, at += inputs)
                {
                    row[o] = block[at];
                }
            }
        }
    }

    /// <summary>Gives Lamina's matrix as PyTorch's, in parts.</summary>
    /// <param name="kernel">Lamina's values.</param>
    /// <param name="write">Takes the next values.</param>
    public void Write(ReadOnlySpan<float> kernel, Action<ReadOnlySpan<float>> write)
    {
        int inputs = rowOf.Length;
        int most = Math.Clamp(BlockElements / inputs, 1, Math.Min(MaxBlockOutputs, outputs));
        int width = Math.Min(inputs, BlockElements);
        float[] block = GC.AllocateUninitializedArray<float>(most * width);
        for (int first = 0; first < outputs; first += most)
        {
            int count = Math.Min(most, outputs - first);
            // Over one part only where a single output has more inputs than a block.
            for (int start = 0; start < inputs; start += width)
            {
                int part = Math.Min(width, inputs - start);
                for (int i = 0; i < part; i++)
                {
                    ReadOnlySpan<float> row = kernel.Slice((rowOf[start + i] * outputs) + first, count);
                    for (int o = 0, at = i; o < row.Length; o++, at += part)
                    {
                        block[at] = row[o];
                    }
                }
                write(block.AsSpan(0, count * part));
            }
        }
    }

    private void ReadByRow(FloatReader reader, Span<float> kernel)
    {
        int inputs = rowOf.Length;
        float[] part = GC.AllocateUninitializedArray<float>(Math.Min(inputs, BlockElements));
        for (int o = 0; o < outputs; o++)
        {
            for (int start = 0; start < inputs; start += part.Length)
            {
                Span<float> values = part.AsSpan(0, Math.Min(part.Length, inputs - start));
                reader(values);
                for (int i = 0; i < values.Length; i++)
                {
                    kernel[(rowOf[start + i] * outputs) + o] = values[i];
                }
            }
        }
    }
}
