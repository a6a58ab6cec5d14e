using System.Globalization;

namespace Lamina;

/// <summary>The error that ends a training whose loss, or a weight, is not finite.</summary>
public sealed class LossException : LaminaException
{
    private const string Advice = "Use a smaller learning rate, or check the data for NaN.";

    internal LossException(double loss, long step)
        : base(FormattableString.Invariant($"The loss became {loss} at step {step}. {Advice}")) =>
        (Loss, Step) = (loss, step);

    private LossException(string message, double loss, long step, int? epoch, Exception? cause)
        : base(message, cause!) => (Loss, Step, Epoch) = (loss, step, epoch);

    /// <summary>The loss: NaN or infinite; also NaN if a weight is not finite.</summary>
    public double Loss { get; }

    /// <summary>The step in the run, from 0.</summary>
    public long Step { get; }

    /// <summary>The epoch, from 0; <see langword="null"/> outside Fit.</summary>
    public int? Epoch { get; }

    /// <summary>Returns the same error with the position in the run.</summary>
    internal LossException InEpoch(int epoch, int epochs, int batch, int batches) =>
        new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The loss became {Loss} in epoch {epoch + 1} of {epochs}, batch {batch} of {batches} (step {Step}). {Advice}"
            ),
            Loss,
            Step,
            epoch,
            this
        );

    /// <summary>Returns the error for a weight with a value that is not finite after a step.</summary>
    internal static LossException OfWeight(Weight weight, long step, int epoch) =>
        new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{weight.Path} contains a value that is not finite after {step} steps, in epoch {epoch + 1}. {Advice}"
            ),
            double.NaN,
            step,
            epoch,
            null
        );
}
