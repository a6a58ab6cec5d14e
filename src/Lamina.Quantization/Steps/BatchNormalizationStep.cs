using Lamina.Torch;

namespace Lamina.Quantization.Steps;

/// <summary>
/// A batch normalization of bytes, which keeps the bytes and changes the values they stand for. The next step folds the
/// new scales and shifts into its weights, or converts to one code for all channels.
/// </summary>
internal sealed class BatchNormalizationStep(IntegerValue input, IntegerValue output, OpNode node)
    : IntegerStep([input], output)
{
    public override void Derive(IValueRanges ranges)
    {
        (double[] gain, double[] shift) = BatchNormalizationAffine.Of(node);
        Code code = Inputs[0].Code!;
        Output.Code = new Code(
            [.. code.Scale.Select((s, c) => s * gain[c])],
            [.. code.Shift.Select((s, c) => (s * gain[c]) + shift[c])],
            0
        );
    }

    public override Tensor Run(ReadOnlySpan<Tensor> inputs) => inputs[0].Duplicate();
}

/// <summary>Computes batch normalization by its stored statistics, as gain · x + shift for each channel.</summary>
internal static class BatchNormalizationAffine
{
    public static (double[] Gain, double[] Shift) Of(OpNode node)
    {
        var op = (BatchNormalizationOp)node.Op;
        float[] mean = Values(1);
        float[] variance = Values(2);
        float[]? gamma = op.HasScale ? Values(3) : null;
        float[]? beta = op.HasCenter ? Values(op.HasScale ? 4 : 3) : null;
        var gain = new double[mean.Length];
        var shift = new double[mean.Length];
        for (int c = 0; c < mean.Length; c++)
        {
            gain[c] = (gamma?[c] ?? 1) / Math.Sqrt(variance[c] + op.Epsilon);
            shift[c] = (beta?[c] ?? 0) - (mean[c] * gain[c]);
        }
        return (gain, shift);

        float[] Values(int input) => ((ParameterOp)node.Inputs[input].Producer.Op).Weight.GetValues();
    }
}
