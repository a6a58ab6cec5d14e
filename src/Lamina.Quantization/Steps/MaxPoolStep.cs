using Lamina.Torch;

namespace Lamina.Quantization.Steps;

/// <summary>
/// A max pooling of bytes: a code preserves the order of values, or reverses it in a channel with a negative scale.
/// </summary>
internal sealed class MaxPoolStep : IntegerStep
{
    private readonly MaxPoolOp _op;
    private readonly Shape _shape;
    private readonly StepParameter? _complement;

    public MaxPoolStep(IntegerValue input, IntegerValue output, string name, OpNode node)
        : base([input], output)
    {
        (_op, _shape) = ((MaxPoolOp)node.Op, node.Shape);
        if (input.Kind is CodeKind.Affine)
        {
            _complement = new StepParameter($"{name}/complement", ParameterKind.Mask, Shape.Of(input.Channels));
        }
    }

    public override IReadOnlyList<StepParameter> Parameters => _complement is null ? [] : [_complement];

    public override void Derive(IValueRanges ranges)
    {
        Output.Code = Inputs[0].Code;
        _complement?.Bytes = [.. Inputs[0].Code!.Scale.Select(s => (sbyte)(s < 0 ? -1 : 0))];
    }

    public override Tensor Run(ReadOnlySpan<Tensor> inputs) =>
        BytePooling.Max(inputs[0], _op, _shape[1]!.Value, _shape[2]!.Value, _complement?.Bytes);
}
