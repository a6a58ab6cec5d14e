namespace Lamina;

/// <summary>
/// Recognizes PyTorch's LocalResponseNorm, which its exporter writes as a dozen nodes: x / (k + alpha · average of x²
/// over neighboring channels)^beta, with the average by Pad and AveragePool in three dimensions.
/// </summary>
internal static class LocalResponsePattern
{
    /// <summary>Reads a node that is a part of the pattern. Returns <see langword="false"/> if it is not.</summary>
    public static bool TryRead(ImportedNode node, ImportContext context)
    {
        if (node.Outputs.Count != 1)
        {
            return false;
        }
        node.Ignore("consumed_inputs");
        if (IsSquare(node, context))
        {
            ImportedValue x = node.Tensor(0);
            Symbol square = new Multiply(context.LayerName(node)).Apply(x.Symbol, x.Symbol);
            context.Set(node.Outputs[0], x.With(square).With(new ChannelMean(x, x.Sample)));
            return true;
        }
        if (node.Operator == "Div" && At(node, 1, context) is { Mean: { Beta: not null } divisor })
        {
            context.Set(node.Outputs[0], Divided(node, context, divisor));
            return true;
        }
        int input = node.Operator is "Mul" or "Add" && At(node, 0, context)?.Mean is null ? 1 : 0;
        if (
            At(node, input, context) is not { Mean: { } mean } value
            || Next(node, context, mean, 1 - input) is not { } next
        )
        {
            return false;
        }
        // Until something is averaged, any layer may use the value.
        ImportedValue result = ImportedValue.Of(next);
        if (value.HasSymbol && next.Size == 0 && next.Before + next.After == 0)
        {
            result = SampleShape.To(node, context, value, next.Sample).With(next);
        }
        context.Set(node.Outputs[0], result);
        return true;
    }

    private static ImportedValue? At(ImportedNode node, int input, ImportContext context) =>
        node.Has(input) ? context.Find(node.Inputs[input]) : null;

    private static bool IsSquare(ImportedNode node, ImportContext context) =>
        node.Inputs.Count == 2
        && At(node, 0, context) is { HasSymbol: true, Rank: 4, Flat: null }
        && (
            (node.Operator == "Mul" && node.Inputs[0] == node.Inputs[1])
            || (node.Operator == "Pow" && Number(node, 1, context) == 2)
        );

    private static double? Number(ImportedNode node, int input, ImportContext context) =>
        At(node, input, context) is { Constant: { Count: 1 } constant }
        && FoldedTensor.From(ImportedValue.Of(constant)) is { } one
            ? one.Elements[0].Real + one.Elements[0].Whole
            : null;

    // The part after the node; null if the node is not the next one.
    private static ChannelMean? Next(ImportedNode node, ImportContext context, ChannelMean mean, int other)
    {
        double? number = Number(node, other, context);
        return node.Operator switch
        {
            "Unsqueeze" => Reshaped(mean, LayoutImport.UnsqueezedSample(node, mean.Sample)),
            "Squeeze" => Reshaped(mean, LayoutImport.SqueezedSample(node, mean.Sample)),
            "Reshape" => Reshaped(mean, LayoutImport.ReshapedSample(node, context, mean.Sample)),
            "Identity" => mean,
            "Pad" when mean is { Sample.Length: 4, Size: 0 } => Padded(node, mean),
            "AveragePool" when mean is { Sample.Length: 4, Size: 0 } => Averaged(node, mean),
            "Mul" when mean is { IsAveraged: true, Bias: 0, Beta: null } && number is { } factor => mean with
            {
                Alpha = mean.Alpha * factor,
            },
            "Div" when mean is { IsAveraged: true, Bias: 0, Beta: null } && number is { } divisor => mean with
            {
                Alpha = mean.Alpha / divisor,
            },
            "Add" when mean is { IsAveraged: true, Beta: null } && number is { } bias => mean with
            {
                Bias = mean.Bias + bias,
            },
            "Pow" when mean is { IsAveraged: true, Beta: null } && number is { } beta => mean with { Beta = beta },
            _ => null,
        };
    }

    // A dimension of 1 may be added before the channels, and removed again.
    private static ChannelMean? Reshaped(ChannelMean mean, int[] sample)
    {
        ReadOnlySpan<int> images = mean.Sample.AsSpan()[^3..];
        return sample.AsSpan().SequenceEqual(images) || sample.AsSpan().SequenceEqual([1, .. images])
            ? mean with
            {
                Sample = sample,
            }
            : null;
    }

    private static ChannelMean? Padded(ImportedNode node, ChannelMean mean)
    {
        (int[] before, int[] after) = LayoutImport.ZerosAround(node, 5);
        return Enumerable.Range(0, 5).Where(a => a != 2).Any(a => before[a] + after[a] != 0)
            ? null
            : WithZeros(mean, before[2], after[2]);
    }

    private static ChannelMean WithZeros(ChannelMean mean, int before, int after) =>
        mean with
        {
            Before = checked(mean.Before + before),
            After = checked(mean.After + after),
            Sample = [1, checked(mean.Sample[1] + before + after), .. mean.Sample[2..]],
        };

    private static ChannelMean? Averaged(ImportedNode node, ChannelMean mean)
    {
        long[] pads = node.Ints("pads") ?? [0, 0, 0, 0, 0, 0];
        bool counts = node.Int("count_include_pad", 0) != 0;
        bool isOfChannels =
            node.Ints("kernel_shape") is [> 0 and <= int.MaxValue, 1, 1]
            && (node.Ints("strides") ?? [1, 1, 1]) is [1, 1, 1]
            && (node.Ints("dilations") ?? [1, 1, 1]) is [1, 1, 1]
            && pads is [>= 0 and <= int.MaxValue, 0, 0, >= 0 and <= int.MaxValue, 0, 0]
            && (counts || pads[0] + pads[3] == 0)
            && node.Text("auto_pad", "NOTSET") is "NOTSET" or "VALID"
            && node.Int("ceil_mode", 0) is 0 or 1;
        if (!isOfChannels)
        {
            return null;
        }
        mean = WithZeros(mean, (int)pads[0], (int)pads[3]);
        int size = (int)node.Ints("kernel_shape")![0];
        int channels = mean.Sample[1] - size + 1;
        return channels < 1 ? null : mean with { Size = size, Sample = [1, channels, .. mean.Sample[2..]] };
    }

    private static ImportedValue Divided(ImportedNode node, ImportContext context, ChannelMean mean)
    {
        ImportedValue x = node.Tensor(0);
        if (x != mean.X)
        {
            throw node.Error("divides by a power of a mean of squares that are not its own");
        }
        if (mean.Before != mean.After || mean.Size != mean.Before + mean.After + 1)
        {
            throw node.Error(
                $"normalizes by {mean.Size} channels, {mean.Before} of them before its own and {mean.After} after; Lamina needs an odd size with its own in the middle"
            );
        }
        var layer = new LocalResponseNormalization(
            mean.Size,
            mean.Alpha / mean.Size,
            mean.Beta!.Value,
            mean.Bias,
            context.LayerName(node)
        );
        return ImportedValue.Of(layer.Apply(context.Images(x, node)), [0, 3, 1, 2]);
    }
}
