using Lamina.Torch;

namespace Lamina.Quantization.Steps;

/// <summary>
/// What convolution and matrix product of bytes share: weights as signed bytes, symmetric, each output with a scale of its
/// own; input codes, bias, batch normalisation right behind it and the output's code folded into one multiplier and one
/// offset an output.
/// </summary>
internal abstract class ProductStep : IntegerStep
{
    /// <summary>The most taps whose sums of products of bytes fit 32 bits.</summary>
    public const int MaxTaps = int.MaxValue / (Code.Levels * sbyte.MaxValue);

    private readonly Weight _weight;
    private readonly Weight? _bias;
    private readonly OpNode? _normalization;
    private readonly int _groups;

    /// <summary>Creates the step.</summary>
    /// <param name="input">Bytes.</param>
    /// <param name="output">Bytes or float32.</param>
    /// <param name="name">The name of its numbers in a file.</param>
    /// <param name="part">The op, and what follows it directly.</param>
    /// <param name="groups">The groups, 1 of a matrix product.</param>
    /// <param name="kernelShape">The kernel with a row for each output.</param>
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

    /// <summary>The weights, a row an output.</summary>
    protected StepParameter Kernel { get; }

    /// <summary>Output = sum · multiplier + offset.</summary>
    protected StepParameter Multiplier { get; }

    /// <summary>Output = sum · multiplier + offset.</summary>
    protected StepParameter Offset { get; }

    /// <summary>Whether a ReLU follows.</summary>
    protected bool HasRelu { get; }

    /// <summary>Bytes or float32.</summary>
    protected DType OutputType => Output.IsBytes ? DType.UInt8 : DType.Float32;

    /// <summary>Whether the op itself has to do the ReLU: bytes end at 0 anyway, which is where a ReLU's code begins.</summary>
    protected bool NeedsRelu => HasRelu && !Output.IsBytes;

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
    /// Quantizes one output's weights to ±127: each is multiplied by its input channel's scale first, which leaves the
    /// input's bytes as they are.
    /// </summary>
    /// <returns>What one unit of the integer sum is worth, and what the input's shifts add to it.</returns>
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
                // Where 0 is among the channel's bytes, an input of 0 then gives exactly 0. Elsewhere that rule would make
                // the weight's rounding larger, not smaller.
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

    /// <summary>The multipliers and offsets as tensors, with packed weights.</summary>
    protected IntegerWeights Packed(PackedTensor packed) =>
        new(
            packed,
            Tensor.FromSpan(Multiplier.Floats, [Multiplier.Floats.Length]),
            Tensor.FromSpan(Offset.Floats, [Offset.Floats.Length])
        );

    /// <summary>The weights as signed bytes.</summary>
    protected Tensor KernelBytes(params ReadOnlySpan<long> sizes)
    {
        Tensor kernel = Tensor.Empty(sizes, DType.Int8);
        Kernel.Bytes.CopyTo(kernel.WriteElements<sbyte>());
        return kernel;
    }

    /// <summary>The weights as float32, for machines whose libtorch has no integer ops.</summary>
    protected Tensor KernelFloats(params ReadOnlySpan<long> sizes)
    {
        using Tensor bytes = KernelBytes(sizes);
        Tensor floats = Tensor.Empty(sizes);
        floats.CopyFrom(bytes);
        return floats;
    }

    /// <summary>What becomes of sums in float32: the same arithmetic, on a machine without integer ops.</summary>
    /// <param name="sums">Disposed.</param>
    protected Tensor TakeScaled(Tensor sums)
    {
        using (sums)
        {
            var map = new ChannelMap(Multiplier.Floats, Offset.Floats);
            if (Output.IsBytes)
            {
                return ByteLoops.FromFloats(sums, map, default, 0);
            }
            Tensor result = ByteLoops.Scale(sums, map);
            if (HasRelu)
            {
                Aten.UnaryInPlace("aten::relu_"u8, result);
            }
            return result;
        }
    }
}

/// <summary>A convolution or matrix product with what follows it directly and nobody else sees.</summary>
/// <param name="Node">The convolution or matrix product.</param>
/// <param name="Normalization">A batch normalisation right behind it, or <see langword="null"/>.</param>
/// <param name="HasRelu">Whether a ReLU follows.</param>
/// <param name="Slot">Where the chain's output goes.</param>
internal sealed record ProductChain(OpNode Node, OpNode? Normalization, bool HasRelu, int Slot);
