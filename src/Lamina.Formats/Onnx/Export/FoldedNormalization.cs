namespace Lamina;

/// <summary>
/// A batch normalization by its stored averages, as an affine function per channel: y = scale · x + shift. It directly
/// follows a convolution or a linear op, and is folded into the kernel and bias.
/// </summary>
internal sealed class FoldedNormalization(OpNode normalization)
{
    private readonly (float[] Scale, float[] Shift) _affine = Affine(normalization);

    /// <summary>
    /// Returns the normalization that can be folded into an op: it is the op's only reader, and folding is enabled.
    /// </summary>
    public static OpNode? Of(OpNode node, ExportContext context) =>
        context.Options.FoldBatchNormalization
        && context.OnlyReader(node) is { Op: BatchNormalizationOp } reader
        && reader.Inputs[0].Producer == node
        && node.Inputs.Skip(1).All(i => i.Producer.Op is ParameterOp)
            ? reader
            : null;

    /// <summary>Returns the weight of the kernel.</summary>
    public static Weight KernelOf(OpNode node) => ((ParameterOp)node.Inputs[1].Producer.Op).Weight;

    /// <summary>Returns the kernel, with its last dimension scaled.</summary>
    public float[] Kernel(Weight weight)
    {
        float[] values = weight.GetValues();
        float[] scale = _affine.Scale;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] *= scale[i % scale.Length];
        }
        return values;
    }

    /// <summary>Returns the bias, scaled and shifted.</summary>
    public float[] Bias(OpNode node)
    {
        float[] bias = node.Inputs.Count > 2 ? ((ParameterOp)node.Inputs[2].Producer.Op).Weight.GetValues() : [];
        return [.. _affine.Shift.Select((s, i) => bias.Length > 0 ? (bias[i] * _affine.Scale[i]) + s : s)];
    }

    private static (float[] Scale, float[] Shift) Affine(OpNode node)
    {
        var op = (BatchNormalizationOp)node.Op;
        float[][] values = [.. node.Inputs.Skip(1).Select(i => ((ParameterOp)i.Producer.Op).Weight.GetValues())];
        (float[] mean, float[] variance) = (values[0], values[1]);
        float[]? gamma = op.HasScale ? values[2] : null;
        float[]? beta = op.HasCenter ? values[^1] : null;
        var scale = new float[mean.Length];
        var shift = new float[mean.Length];
        for (int c = 0; c < mean.Length; c++)
        {
            double factor = (gamma?[c] ?? 1) / Math.Sqrt(variance[c] + op.Epsilon);
            scale[c] = (float)factor;
            shift[c] = (float)((beta?[c] ?? 0) - (mean[c] * factor));
        }
        return (scale, shift);
    }
}
