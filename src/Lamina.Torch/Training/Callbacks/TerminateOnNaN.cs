namespace Lamina;

/// <summary>
/// Ends the training when the loss is not finite, like Keras's callback. Without it, Fit throws. The step with that
/// loss does not change the weights, so the model is as the last good step left it.
/// </summary>
/// <param name="output">The writer of the message; <see langword="null"/> for the console.</param>
public sealed class TerminateOnNaN(TextWriter? output = null) : Callback
{
    private CompiledModel? _model;

    /// <summary>The step, from 0, whose loss was not finite; <see langword="null"/> if there was none.</summary>
    public long? Step { get; private set; }

    /// <summary>The loss of that step.</summary>
    public double? Loss { get; private set; }

    /// <inheritdoc/>
    public override void OnTrainBegin(CompiledModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_model, Step, Loss) = (model, null, null);
        model.NonFiniteLoss = (step, loss) =>
        {
            (Step, Loss) = (step, loss);
            (output ?? Console.Out).WriteLine(
                FormattableString.Invariant(
                    $"The loss became {loss} at step {step}. Training ends; the weights are those after the previous step."
                )
            );
        };
    }

    /// <inheritdoc/>
    public override void OnTrainEnd() => _model!.NonFiniteLoss = null;
}
