using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>A kernel that concatenates float32 tensors by copying their rows.</summary>
/// <param name="node">The op node.</param>
/// <param name="op">The op.</param>
internal sealed unsafe class ConcatLoops(OpNode node, ConcatOp op) : ConcatKernel(node, op)
{
    private readonly int _axis = op.Axis;

    /// <inheritdoc/>
    public override string Algorithm => "copy of rows";

    /// <inheritdoc/>
    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        long[] sizes = [.. inputs[0].Sizes];
        var parts = new Part[inputs.Length];
        long length = 0;
        sizes[_axis] = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            ReadOnlySpan<long> own = inputs[i].Sizes;
            long count = 1;
            foreach (long size in own[_axis..])
            {
                count *= size;
            }
            parts[i] = new Part(inputs[i].ReadData, count);
            length += count;
            sizes[_axis] += own[_axis];
        }
        Tensor result = Tensor.Empty(sizes);
        if (length > 0)
        {
            float* to = result.WriteData();
            ElementLoop.Run(
                result.Count / length,
                (begin, end) => Copy(parts, to, length, begin, end),
                grain: Math.Max(1, ElementLoop.Grain / length)
            );
        }
        foreach (Tensor input in inputs)
        {
            GC.KeepAlive(input);
        }
        return result;
    }

    private static void Copy(Part[] parts, float* to, long length, long begin, long end)
    {
        to += begin * length;
        for (long row = begin; row < end; row++)
        {
            foreach (Part part in parts)
            {
                long bytes = part.Length * sizeof(float);
                Buffer.MemoryCopy(part.Data + (row * part.Length), to, bytes, bytes);
                to += part.Length;
            }
        }
    }

    private readonly struct Part(float* data, long length)
    {
        public readonly float* Data = data;
        public readonly long Length = length;
    }
}
