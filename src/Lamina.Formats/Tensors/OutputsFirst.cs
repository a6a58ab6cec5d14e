namespace Lamina;

/// <summary>
/// Converts kernels between PyTorch's layout and Lamina's. PyTorch's is a matrix (outputs, inputs), where the inputs of
/// a convolution are (channel, row, column); Lamina's is the transposed matrix, where they are (row, column, channel),
/// so its rows are in another order.
/// </summary>
/// <param name="outputs">The number of outputs: filters or units.</param>
/// <param name="rowOf">Lamina's row of each of PyTorch's inputs.</param>
[System.Runtime.CompilerServices.SkipLocalsInit]
internal sealed class OutputsFirst(int outputs, int[] rowOf)
{
    // Outputs are read and written some at a time, with all their inputs within 2 MB, which fits second-level caches.
    private const int BlockElements = 1 << 19;
    private const int MaxBlockOutputs = 64;

    // A square of cache lines. Rows are often a power of two apart, where a cache keeps few of them.
    private const int Tile = 16;

    /// <summary>Returns the rows in unchanged order.</summary>
    public static int[] InOrder(int count) => [.. Enumerable.Range(0, count)];

    /// <summary>
    /// Returns the rows if inputs are (channel, position) in PyTorch and (position, channel) in Lamina.
    /// </summary>
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
    public void Read(FloatReader reader, float[] kernel)
    {
        int inputs = rowOf.Length;
        if (outputs == 1 || inputs > BlockElements)
        {
            ReadByRow(reader, kernel);
            return;
        }
        int most = OutputsInBlock();
        float[] block = GC.AllocateUninitializedArray<float>(most * inputs);
        for (int first = 0; first < outputs; first += most)
        {
            int count = Math.Min(most, outputs - first);
            reader(block.AsSpan(0, count * inputs));
            int start = first;
            ForTiles(
                inputs,
                count,
                (i, o, width) => ReadTile(block.AsSpan((o * inputs) + i), kernel.AsSpan(start + o), i, width)
            );
        }
    }

    // In parallel if that pays: most of a large kernel's time is the first access to memory.
    private static void ForTiles(int height, int count, Action<int, int, int> tile)
    {
        const int Strip = 64;
        int strips = ((height - 1) / (Strip * Tile)) + 1;
        if (strips == 1 || height * (long)count < 1 << 17)
        {
            Rows(0, height);
            return;
        }
        Parallel.For(0, strips, s => Rows(s * Strip * Tile, Math.Min(height, (s + 1) * Strip * Tile)));

        void Rows(int from, int to)
        {
            for (int i = from; i < to; i += Tile)
            {
                for (int o = 0; o < count; o += Tile)
                {
                    tile(i, o, Math.Min(Tile, count - o));
                }
            }
        }
    }

    private void ReadTile(ReadOnlySpan<float> block, Span<float> kernel, int start, int width)
    {
        int inputs = rowOf.Length;
        int height = Math.Min(Tile, inputs - start);
        Span<float> tile = stackalloc float[Tile * Tile];
        for (int o = 0; o < width; o++)
        {
            ReadOnlySpan<float> line = block.Slice(o * inputs, height);
            for (int i = 0, at = o; i < line.Length; i++, at += Tile)
            {
                tile[at] = line[i];
            }
        }
        for (int i = 0; i < height; i++)
        {
            tile.Slice(i * Tile, width).CopyTo(kernel[(rowOf[start + i] * outputs)..]);
        }
    }

    /// <summary>Passes on Lamina's matrix in PyTorch's layout, in parts.</summary>
    /// <param name="kernel">Lamina's values.</param>
    /// <param name="write">Receives the next values.</param>
    public void Write(float[] kernel, Action<ReadOnlySpan<float>> write)
    {
        int inputs = rowOf.Length;
        int most = OutputsInBlock();
        int width = Math.Min(inputs, BlockElements);
        float[] block = GC.AllocateUninitializedArray<float>(most * width);
        for (int first = 0; first < outputs; first += most)
        {
            int count = Math.Min(most, outputs - first);
            // Not more than one part only if a single output has more inputs than a block.
            for (int start = 0; start < inputs; start += width)
            {
                int part = Math.Min(width, inputs - start);
                (int from, int firstOutput) = (start, first);
                ForTiles(
                    part,
                    count,
                    (i, o, tileWidth) =>
                        WriteTile(
                            kernel.AsSpan(firstOutput + o),
                            block.AsSpan((o * part) + i),
                            from + i,
                            (Math.Min(Tile, part - i), tileWidth),
                            part
                        )
                );
                write(block.AsSpan(0, count * part));
            }
        }
    }

    private void WriteTile(
        ReadOnlySpan<float> kernel,
        Span<float> block,
        int start,
        (int Height, int Width) size,
        int stride
    )
    {
        Span<float> tile = stackalloc float[Tile * Tile];
        for (int i = 0; i < size.Height; i++)
        {
            kernel.Slice(rowOf[start + i] * outputs, size.Width).CopyTo(tile[(i * Tile)..]);
        }
        for (int o = 0; o < size.Width; o++)
        {
            Span<float> line = block.Slice(o * stride, size.Height);
            for (int i = 0, at = o; i < line.Length; i++, at += Tile)
            {
                line[i] = tile[at];
            }
        }
    }

    // As many as a block has room for, possibly fewer than a tile.
    private int OutputsInBlock()
    {
        int room = Math.Clamp(BlockElements / rowOf.Length, 1, Math.Min(MaxBlockOutputs, outputs));
        return room < Tile ? room : room / Tile * Tile;
    }

    private void ReadByRow(FloatReader reader, float[] kernel)
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
