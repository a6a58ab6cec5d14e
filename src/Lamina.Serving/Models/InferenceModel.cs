namespace Lamina.Serving;

/// <summary>Creates models that the server can serve.</summary>
public static class InferenceModel
{
    /// <summary>Serves a float32 model.</summary>
    /// <param name="model">The model; every instance needs one of its own.</param>
    /// <param name="labels">The names of the classes, if there are any.</param>
    /// <param name="preprocessing">The preprocessing of encoded images; <see langword="null"/> if the model accepts tensors only.</param>
    public static IInferenceModel Create(
        Model model,
        IReadOnlyList<string>? labels = null,
        Preprocessing? preprocessing = null
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        return new NetworkModel(
            model,
            "lamina_keras",
            inputs => model.PredictAll(inputs, inputs[0].Count),
            labels,
            preprocessing,
            owned: null
        );
    }

    /// <summary>Serves a quantized model, which is disposed with the result.</summary>
    /// <param name="model">The model; every instance needs one of its own.</param>
    /// <param name="labels">The names of the classes, if there are any.</param>
    /// <param name="preprocessing">The preprocessing of encoded images; <see langword="null"/> if the model accepts tensors only.</param>
    public static IInferenceModel Create(
        QuantizedModel model,
        IReadOnlyList<string>? labels = null,
        Preprocessing? preprocessing = null
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        return new NetworkModel(
            model.Model,
            "lamina_int8",
            inputs => model.PredictAll(inputs, inputs[0].Count),
            labels,
            preprocessing,
            owned: model
        );
    }
}
