using Lamina.Torch;
using Lamina.Torch.Cpu;

namespace Lamina.Quantization.Steps;

/// <summary>
/// The base class of convolutions and matrix products of bytes. Weights are signed bytes, symmetric, with one scale per
/// output. Input codes, bias, a directly following batch normalization and the output's code are folded into one
/// multiplier and one offset per output.
/// </summary>
internal abstract class ProductStep : IntegerStep
{
    /// <summary>The maximum number of taps for which sums of products of bytes fit 32 bits.</summary>
    public const int MaxTaps = int.MaxValue / (Code.Levels * sbyte.MaxValue);

    private readonly Weight _weight;
    private readonly Weight? _bias;
    private readonly OpNode? _normalization;
    private readonly int _groups;

    /// <summary>Creates the step.</summary>
    /// <param name="input">The input, of bytes.</param>
    /// <param name="output">The output, of bytes or float32.</param>
    /// <param name="name">The prefix of its parameters' names in a file.</param>
    /// <param name="part">The op and the ops that directly follow it.</param>
    /// <param name="groups">The number of groups; 1 for a matrix product.</param>
    /// <param name="kernelShape">The shape of the kernel with one row per output.</param>
    protected ProductStep(
        IntegerValue input,
        IntegerValue output,
        string name,
        ProductChain part,
        int groups,
        Shape kernelShape
    )
        : base([input], output)
    {
        IReadOnlyList<Symbol> read = part.Node.Inputs;
        _weight = ((ParameterOp)read[1].Producer.Op).Weight;
        _bias = read.Count > 2 ? ((ParameterOp)read[2].Producer.Op).Weight : null;
        (_normalization, HasRelu, _groups) = (part.Normalization, part.HasRelu, groups);
        Kernel = new StepParameter($"{name}/kernel", ParameterKind.Weights, kernelShape);
        Shape outputs = Shape.Of(kernelShape[0]!.Value);
        Multiplier = new StepParameter($"{name}/multiplier", ParameterKind.Positive, outputs);
        Offset = new StepParameter($"{name}/offset", ParameterKind.Finite, outputs);
    }

    /// <summary>The weights, one row per output.</summary>
    protected StepParameter Kernel { get; }

    /// <summary>The multiplier: output = sum · multiplier + offset.</summary>
    protected StepParameter Multiplier { get; }

    /// <summary>The offset: output = sum · multiplier + offset.</summary>
    protected StepParameter Offset { get; }

    /// <summary><see langword="true"/> if a ReLU follows.</summary>
    protected bool HasRelu { get; }

    /// <summary>The element type of the output, bytes or float32.</summary>
    protected DType OutputType => Output.IsBytes ? DType.UInt8 : DType.Float32;

    /// <summary>
    /// <see langword="true"/> if the op itself must apply the ReLU. Bytes end at 0 anyway, where a ReLU's code begins.
    /// </summary>
    protected bool NeedsRelu => HasRelu && !Output.IsBytes;

    /// <summary>The conversion of sums to outputs where libtorch has no exact products of bytes.</summary>
    protected ByteOutputs ByteOutputs => new(Multiplier.Floats, Offset.Floats, OutputType, NeedsRelu);

    public override IReadOnlyList<StepParameter> Parameters => [Kernel, Multiplier, Offset];

    public override int? RangedSlot => Output.IsBytes ? Output.Slot : null;

    public override void Derive(IValueRanges ranges)
    {
        int outputs = Kernel.Shape[0]!.Value;
        var taps = (int)(Kernel.Shape.ElementCount / outputs);
        float[] rows = KernelRows.Of(_weight.GetValues(), outputs);
        float[]? bias = _bias?.GetValues();
        (double[] Gain, double[] Shift)? affine = _normalization is { } n ? BatchNormalizationAffine.Of(n) : null;
        Code input = Inputs[0].Code!;
        Code? output = Output.IsBytes ? OutputCode(ranges, outputs) : null;
        Output.Code = output;
        Kernel.Bytes = new sbyte[rows.Length];
        Multiplier.Floats = new float[outputs];
        Offset.Floats = new float[outputs];
        Parallel.For(
            0,
            outputs,
            o =>
            {
                double gain = affine?.Gain[o] ?? 1;
                (double scale, double shift) = QuantizeRow(
                    rows.AsSpan(o * taps, taps),
                    Kernel.Bytes.AsSpan(o * taps, taps),
                    gain,
                    input,
                    o / (outputs / _groups)
                );
                shift += ((bias?[o] ?? 0) * gain) + (affine?.Shift[o] ?? 0);
                if (output is not null)
                {
                    shift = (shift - output.Shift[o]) / output.Scale[o];
                    scale /= output.Scale[o];
                }
                Multiplier.Floats[o] = (float)scale;
                Offset.Floats[o] = (float)shift;
            }
        );
    }

    /// <summary>
    /// Quantizes one output's weights to ±127. Each is first multiplied by its input channel's scale, so that the
    /// input's bytes do not change.
    /// </summary>
    /// <returns>The value of one unit of the integer sum, and the contribution of the input's shifts.</returns>
    private (double Scale, double Shift) QuantizeRow(
        ReadOnlySpan<float> row,
        Span<sbyte> bytes,
        double gain,
        Code input,
        int group
    )
    {
        int channels = input.Scale.Length / _groups;
        ReadOnlySpan<double> scales = input.Scale.AsSpan(group * channels, channels);
        ReadOnlySpan<double> shifts = input.Shift.AsSpan(group * channels, channels);
        double largest = 0;
        for (int start = 0; start < row.Length; start += channels)
        {
            for (int c = 0; c < channels; c++)
            {
                largest = Math.Max(largest, Math.Abs(row[start + c] * gain * scales[c]));
            }
        }
        double scale = largest > 0 ? largest / sbyte.MaxValue : 1;
        double shift = 0;
        for (int start = 0; start < row.Length; start += channels)
        {
            for (int c = 0; c < channels; c++)
            {
                double weight = row[start + c] * gain;
                var rounded = (sbyte)Math.Round(weight * scales[c] / scale);
                bytes[start + c] = rounded;
                // If 0 is among the channel's bytes, an input of 0 yields exactly 0. Otherwise that rule would increase
                // the rounding error of the weight.
                double zero = -shifts[c] / scales[c];
                shift += zero is >= 0 and <= Code.Levels ? -zero * rounded * scale : weight * shifts[c];
            }
        }
        return (scale, shift);
    }

    private Code OutputCode(IValueRanges ranges, int outputs) =>
        Output.PerChannel
            ? Code.OfMaxima(ranges.MaximaOf(Output.Slot))
            : Code.Of(HasRelu ? new ValueRange(0, ranges.Of(Output.Slot).Max) : ranges.Of(Output.Slot), outputs);

    /// <summary>Returns the multipliers and offsets as tensors, with packed weights.</summary>
    protected IntegerWeights Packed(PackedTensor packed) =>
        new(
            packed,
            Tensor.FromSpan(Multiplier.Floats, [Multiplier.Floats.Length]),
            Tensor.FromSpan(Offset.Floats, [Offset.Floats.Length])
        );

    /// <summary>Returns the weights as signed bytes.</summary>
    protected Tensor KernelBytes(params ReadOnlySpan<long> sizes)
    {
        Tensor kernel = Tensor.Empty(sizes, DType.Int8);
        Kernel.Bytes.CopyTo(kernel.WriteElements<sbyte>());
        return kernel;
    }
}

/// <summary>A convolution or matrix product with the ops that directly follow it and have no other reader.</summary>
/// <param name="Node">The convolution or matrix product.</param>
/// <param name="Normalization">A directly following batch normalization, or <see langword="null"/>.</param>
/// <param name="HasRelu"><see langword="true"/> if a ReLU follows.</param>
/// <param name="Slot">The slot of the chain's output.</param>
internal sealed record ProductChain(OpNode Node, OpNode? Normalization, bool HasRelu, int Slot);
