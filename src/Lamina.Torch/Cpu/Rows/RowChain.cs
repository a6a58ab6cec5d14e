using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>Convolutions that are computed together, some rows of an image at a time.</summary>
/// <param name="parts">The convolutions, each of which reads the one before.</param>
internal sealed unsafe class RowChain(IRowAlgorithm[] parts)
{
    // What lies between the parts should fit the second-level cache beside kernels.
    private const long BufferBytes = 320 * 1024;

    private readonly int _step = StepOf(parts);
    private readonly long[] _rows = MostRows(parts, StepOf(parts));

    /// <summary>Returns the size of an image in bytes.</summary>
    public static long BytesOf((Size2 Size, int Channels) image) => image.Size.Height * LineOf(image) * sizeof(float);

    /// <summary>Computes the last part's output.</summary>
    /// <param name="x">The first part's input.</param>
    /// <param name="weights">The weights of the parts.</param>
    /// <param name="y">Receives the output.</param>
    public void Run(Tensor x, RowWeights[] weights, Tensor y)
    {
        long batch = x.Sizes[0];
        int height = parts[^1].Output.Size.Height;
        // Bands compute the rows around their borders twice; with many images there is one per image.
        int threads = TorchLibrary.Threads;
        int bands = (int)Math.Min(batch == 0 ? 1 : (threads + batch - 1) / batch, height);
        float* images = x.ReadData;
        float* output = y.WriteData();
        var packed = new nint[parts.Length];
        for (int i = 0; i < packed.Length; i++)
        {
            packed[i] = (nint)weights[i].Packed.ReadData;
        }
        ElementLoop.Run(
            batch * bands,
            (begin, end) =>
            {
                for (long unit = begin; unit < end; unit++)
                {
                    (long image, long band) = Math.DivRem(unit, bands);
                    var rows = new RowRange((int)(band * height / bands), (int)((band + 1) * height / bands));
                    Band(images, packed, weights, output, image, rows);
                }
            },
            grain: 1
        );
        foreach (RowWeights weight in weights)
        {
            GC.KeepAlive(weight.Packed);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Band(float* images, nint[] packed, RowWeights[] weights, float* output, long image, RowRange band)
    {
        Span<nint> buffers = stackalloc nint[parts.Length];
        Span<RowRange> held = stackalloc RowRange[parts.Length];
        float* free = Scratch.RowFloats(FloatsOf(parts, _rows));
        for (int i = 0; i < parts.Length - 1; i++)
        {
            buffers[i] = (nint)free;
            held[i] = default;
            free += _rows[i] * LineOf(parts[i].Output);
        }
        for (int first = band.First; first < band.End; first += _step)
        {
            var rows = new RowRange(first, Math.Min(first + _step, band.End));
            Compute(parts.Length - 1, rows, images, packed, weights, output, image, buffers, held);
        }
    }

    // First the part before, as far as this one reads it and it is not there yet.
    private void Compute(
        int part,
        RowRange rows,
        float* images,
        nint[] packed,
        RowWeights[] weights,
        float* output,
        long image,
        Span<nint> buffers,
        Span<RowRange> held
    )
    {
        IRowAlgorithm own = parts[part];
        float* input = images + (image * own.Input.Size.Height * LineOf(own.Input));
        if (part > 0)
        {
            RowRange read = own.Reads(rows);
            RowRange kept = Keep(part - 1, read, buffers, held);
            if (kept.End < read.End)
            {
                var missing = new RowRange(kept.End, read.End);
                Compute(part - 1, missing, images, packed, weights, output, image, buffers, held);
            }
            held[part - 1] = read;
            input = (float*)buffers[part - 1] - (read.First * LineOf(own.Input));
        }
        bool isLast = part == parts.Length - 1;
        long before = image * own.Output.Size.Height * LineOf(own.Output);
        OutputStage stage = weights[part].Stage;
        stage = stage.Added == null ? stage : stage with { Added = stage.Added + before };
        float* target = isLast ? output + before : (float*)buffers[part] - (held[part].First * LineOf(own.Output));
        own.ComputeRows(input, (float*)packed[part], stage, target, rows);
    }

    // Moves the rows that are read again to the front of the buffer, and returns them.
    private RowRange Keep(int part, RowRange read, Span<nint> buffers, Span<RowRange> held)
    {
        RowRange old = held[part];
        RowRange kept =
            old.End <= read.First || old.Count == 0
                ? new RowRange(read.First, read.First)
                : old with
                {
                    First = read.First,
                };
        if (kept.Count > 0 && kept.First > old.First)
        {
            nint line = LineOf(parts[part].Output);
            float* buffer = (float*)buffers[part];
            long bytes = kept.Count * line * sizeof(float);
            Buffer.MemoryCopy(buffer + ((kept.First - old.First) * line), buffer, bytes, bytes);
        }
        held[part] = kept;
        return kept;
    }

    private static nint LineOf((Size2 Size, int Channels) image) => (nint)image.Size.Width * image.Channels;

    // The most rows of the last part whose inputs fit the buffer.
    private static int StepOf(IRowAlgorithm[] parts)
    {
        int step = parts[^1].Output.Size.Height;
        while (step > 1 && FloatsOf(parts, MostRows(parts, step)) * sizeof(float) > BufferBytes)
        {
            step--;
        }
        return step;
    }

    private static long FloatsOf(IRowAlgorithm[] parts, long[] rows)
    {
        long count = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            count += rows[i] * LineOf(parts[i].Output);
        }
        return count;
    }

    // The most rows that each part but the last holds in a step, wherever it is in the image.
    private static long[] MostRows(IRowAlgorithm[] parts, int step)
    {
        var most = new long[parts.Length - 1];
        int height = parts[^1].Output.Size.Height;
        for (int first = 0; first < height; first++)
        {
            var rows = new RowRange(first, Math.Min(first + step, height));
            for (int i = parts.Length - 1; i > 0; i--)
            {
                rows = parts[i].Reads(rows);
                most[i - 1] = Math.Max(most[i - 1], rows.Count);
            }
        }
        return most;
    }
}
