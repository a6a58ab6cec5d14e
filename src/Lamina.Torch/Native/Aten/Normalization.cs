namespace Lamina.Torch;

internal static partial class Aten
{
    /// <summary>
    /// Computes batch normalization over dimension 1. In training it also updates the stored averages, if given, by
    /// PyTorch's rule (with Bessel-corrected variance).
    /// </summary>
    /// <returns>The output, and the batch's mean and 1/√(variance + epsilon), empty in inference.</returns>
    public static (Tensor Output, Tensor? Mean, Tensor? InverseStd) BatchNorm(
        Tensor x,
        Tensor? gamma,
        Tensor? beta,
        Tensor? movingMean,
        Tensor? movingVariance,
        bool training,
        double momentum,
        double epsilon
    )
    {
        var results = new Tensor?[3];
        Dispatcher.CallMany(
            "aten::native_batch_norm"u8,
            default,
            results,
            x,
            Arg.Some(gamma),
            Arg.Some(beta),
            Arg.Some(movingMean),
            Arg.Some(movingVariance),
            training,
            momentum,
            epsilon
        );
        if (training)
        {
            movingMean?.MarkWritten();
            movingVariance?.MarkWritten();
        }
        return (results[0]!, results[1], results[2]);
    }

    /// <summary>
    /// Computes the gradients of x, gamma and beta that the mask selects; the others become <see langword="null"/>.
    /// </summary>
    public static void BatchNormBackward(
        Tensor gradient,
        Tensor x,
        Tensor? gamma,
        Tensor? movingMean,
        Tensor? movingVariance,
        Tensor? mean,
        Tensor? inverseStd,
        bool training,
        double epsilon,
        bool[] mask,
        Span<Tensor?> results
    ) =>
        Dispatcher.CallMany(
            "aten::native_batch_norm_backward"u8,
            default,
            results,
            gradient,
            x,
            Arg.Some(gamma),
            Arg.Some(movingMean),
            Arg.Some(movingVariance),
            Arg.Some(mean),
            Arg.Some(inverseStd),
            training,
            epsilon,
            mask
        );
}
