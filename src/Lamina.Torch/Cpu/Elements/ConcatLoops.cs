using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>A kernel that concatenates tensors by copying their rows.</summary>
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
            long bytes = inputs[i].DType.Size();
            foreach (long size in own[_axis..])
            {
                bytes *= size;
            }
            parts[i] = new Part((byte*)inputs[i].ReadRaw, bytes);
            length += bytes;
            sizes[_axis] += own[_axis];
        }
        Tensor result = Tensor.Empty(sizes, inputs[0].DType);
        if (length > 0)
        {
            var to = (byte*)result.WriteRaw();
            ElementLoop.Run(
                result.Count * result.DType.Size() / length,
                (begin, end) => Copy(parts, to, length, begin, end),
                grain: Math.Max(1, ElementLoop.Grain * sizeof(float) / length)
            );
        }
        foreach (Tensor input in inputs)
        {
            GC.KeepAlive(input);
        }
        return result;
    }

    private static void Copy(Part[] parts, byte* to, long length, long begin, long end)
    {
        to += begin * length;
        for (long row = begin; row < end; row++)
        {
            foreach (Part part in parts)
            {
                Buffer.MemoryCopy(part.Data + (row * part.Length), to, part.Length, part.Length);
                to += part.Length;
            }
        }
    }

    private readonly struct Part(byte* data, long length)
    {
        public readonly byte* Data = data;
        public readonly long Length = length;
    }
}
