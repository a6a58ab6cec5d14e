using Lamina.Torch;

namespace Lamina.Quantization.Steps;

/// <summary>
/// A step from float32 to bytes with one code for all channels, with pixels of 0 around images if a convolution needs
/// them.
/// </summary>
internal sealed class QuantizeStep(IntegerValue input, IntegerValue output, string name, Pads2 pads)
    : IntegerStep([input], output)
{
    private readonly StepParameter _scale = new($"{name}/scale", ParameterKind.Positive, Shape.Of(1));
    private readonly StepParameter _zero = new($"{name}/zero", ParameterKind.Byte, Shape.Of(1));
    private ChannelMap _map;

    public override IReadOnlyList<StepParameter> Parameters => [_scale, _zero];

    public override int? RangedSlot => Inputs[0].Slot;

    public override void Derive(IValueRanges ranges)
    {
        Code code = Code.Of(ranges.Of(Inputs[0].Slot), Output.Channels);
        _scale.Floats = [(float)code.Scale[0]];
        _zero.Floats = [code.Zero];
        Output.Code = Code.Uniform(_scale.Floats[0], code.Zero, Output.Channels);
    }

    public override void Prepare() => _map = new ChannelMap([1 / _scale.Floats[0]], [_zero.Floats[0]]);

    public override Tensor Run(ReadOnlySpan<Tensor> inputs) =>
        ByteLoops.FromFloats(inputs[0], _map, pads, (byte)_zero.Floats[0]);
}

/// <summary>
/// A step from bytes of any code to bytes with one code for all channels that represents 0; with padding, as above.
/// </summary>
internal sealed class RemapStep(IntegerValue input, IntegerValue output, string name, Pads2 pads)
    : IntegerStep([input], output)
{
    private readonly StepParameter _multiplier = new(
        $"{name}/multiplier",
        ParameterKind.Finite,
        Shape.Of(input.Channels)
    );
    private readonly StepParameter _offset = new($"{name}/offset", ParameterKind.Finite, Shape.Of(input.Channels));
    private readonly StepParameter _zero = new($"{name}/zero", ParameterKind.Byte, Shape.Of(1));

    public override IReadOnlyList<StepParameter> Parameters => [_multiplier, _offset, _zero];

    public override int? RangedSlot => Inputs[0].Slot;

    public override void Derive(IValueRanges ranges)
    {
        Code from = Inputs[0].Code!;
        Code to = Code.Of(ranges.Of(Inputs[0].Slot), Output.Channels);
        _multiplier.Floats = [.. from.Scale.Select(s => (float)(s / to.Scale[0]))];
        _offset.Floats = [.. from.Shift.Select(s => (float)((s / to.Scale[0]) + to.Zero))];
        _zero.Floats = [to.Zero];
        Output.Code = to;
    }

    public override Tensor Run(ReadOnlySpan<Tensor> inputs) =>
        ByteLoops.Remap(inputs[0], new ChannelMap(_multiplier.Floats, _offset.Floats), pads, (byte)_zero.Floats[0]);
}

/// <summary>A step that adds pixels of 0 around images of bytes.</summary>
internal sealed class PadBytesStep(IntegerValue input, IntegerValue output, string name, Pads2 pads)
    : IntegerStep([input], output)
{
    private readonly StepParameter _zero = new($"{name}/zero", ParameterKind.Byte, Shape.Of(1));

    public override IReadOnlyList<StepParameter> Parameters => [_zero];

    public override void Derive(IValueRanges ranges)
    {
        _zero.Floats = [Inputs[0].Code!.Zero];
        Output.Code = Inputs[0].Code;
    }

    public override Tensor Run(ReadOnlySpan<Tensor> inputs) => ByteLoops.Pad(inputs[0], pads, (byte)_zero.Floats[0]);
}

/// <summary>A step from bytes to float32.</summary>
internal sealed class DequantizeStep(IntegerValue input, IntegerValue output, string name)
    : IntegerStep([input], output)
{
    private readonly StepParameter _multiplier = new(
        $"{name}/multiplier",
        ParameterKind.Finite,
        Shape.Of(input.Channels)
    );
    private readonly StepParameter _offset = new($"{name}/offset", ParameterKind.Finite, Shape.Of(input.Channels));

    public override IReadOnlyList<StepParameter> Parameters => [_multiplier, _offset];

    public override void Derive(IValueRanges ranges)
    {
        _multiplier.Floats = [.. Inputs[0].Code!.Scale.Select(s => (float)s)];
        _offset.Floats = [.. Inputs[0].Code!.Shift.Select(s => (float)s)];
    }

    public override Tensor Run(ReadOnlySpan<Tensor> inputs) =>
        ByteLoops.ToFloats(inputs[0], new ChannelMap(_multiplier.Floats, _offset.Floats));
}
