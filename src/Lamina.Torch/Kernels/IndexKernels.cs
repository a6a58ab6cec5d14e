namespace Lamina.Torch.Kernels;

/// <summary>A kernel of an op without a gradient.</summary>
internal abstract class ForwardKernel(OpNode node) : Kernel(node)
{
    public sealed override bool BackwardReadsInput(int index) => false;

    public sealed override bool BackwardReadsOutput => false;

    public sealed override void Backward(
        in StepContext step,
        ReadOnlySpan<Tensor?> inputs,
        Tensor? output,
        Tensor gradient,
        ReadOnlySpan<bool> wanted,
        Span<Tensor?> results
    ) => gradient.Dispose();
}

/// <summary>A kernel of fixed values. Few of them stay on the device, so that not every step copies them there.</summary>
internal sealed class ConstantKernel(OpNode node, ConstantOp op, Device device) : ForwardKernel(node)
{
    private const int Few = 256;

    private Tensor? _kept;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        if (op.Values.Count > Few)
        {
            return Make();
        }
        _kept ??= Make();
        return _kept.Duplicate();
    }

    public override void Dispose()
    {
        base.Dispose();
        _kept?.Dispose();
        _kept = null;
    }

    private Tensor Make() => Tensor.FromSpan([.. op.Values], [.. op.Shape.Select(d => (long)d!.Value)], device);
}

/// <summary>A kernel that returns the indices of the greatest elements.</summary>
internal sealed class ArgMaxKernel(OpNode node, ArgMaxOp op) : ForwardKernel(node)
{
    // The greatest elements themselves, and their indices in 64 bits.
    public override long ForwardWorkspace(int batch, bool training) => 3 * OutputBytes(batch);

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite) =>
        Aten.TakeAs(Aten.ArgMax(inputs[0], op.Axis), inputs[0].DType);
}

/// <summary>A kernel that returns rows with a 1 at a given index.</summary>
internal sealed class OneHotKernel(OpNode node, OneHotOp op) : ForwardKernel(node)
{
    private readonly float[] _classes = [.. Enumerable.Range(0, op.Classes).Select(c => (float)c)];

    public override long ForwardWorkspace(int batch, bool training) => OutputBytes(batch) / 4;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Tensor x = inputs[0];
        using Tensor column = x.View([.. x.Sizes, 1]);
        using Tensor classes = Tensor.FromSpan(_classes, [_classes.Length], x.Device);
        return Aten.TakeAs(Aten.Binary("aten::eq"u8, "Tensor"u8, column, classes), x.DType);
    }
}
