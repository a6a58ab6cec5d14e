namespace Lamina;

/// <summary>The logits of a model's output: the input of its final softmax.</summary>
internal static class LogitsHead
{
    /// <summary>Returns the input of a final softmax, or the output itself if there is none.</summary>
    public static Symbol Of(Symbol output) => output.Producer.Op is SoftmaxOp ? output.Producer.Inputs[0] : output;

    /// <summary>Throws unless the model has one output.</summary>
    public static void RequireOneOutput(Model model)
    {
        if (model.Outputs.Count != 1)
        {
            throw new ShapeException(
                $"{model.Name} has {model.Outputs.Count} outputs; PredictLogits accepts models with one. Use PredictAll."
            );
        }
    }
}
