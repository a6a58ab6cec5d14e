using Lamina.Runs;

namespace Lamina.Serving;

/// <summary>A classifier as a served model: its output is the probabilities of its classes.</summary>
internal sealed class ClassifierModel(RunClassifier classifier) : IInferenceModel, IViewableModel
{
    public string Platform => "lamina_keras";

    public IReadOnlyList<TensorSpec> Inputs { get; } =
    [new TensorSpec(classifier.Model.Inputs[0].Node!.Layer.Name, classifier.Info.Preprocessing.Shape)];

    public IReadOnlyList<TensorSpec> Outputs { get; } =
    [new TensorSpec(classifier.Model.Outputs[0].Node!.Layer.Name, Shape.Of(classifier.Info.Classes.Count))];

    public IReadOnlyList<string> Labels => classifier.Info.Classes;

    public bool AcceptsImages => true;

    public ModelCard? Card { get; } = ModelCard.Of(classifier);

    public bool GivesProbabilities => true;

    public string? WhyNoView => classifier.IsQuantized ? "A quantized network has no gradients to look into." : null;

    /// <summary>Loads a run, a saved model, or a model file of any format.</summary>
    /// <exception cref="LaminaException">It cannot be loaded, or does not contain its classes or preprocessing.</exception>
    public static ClassifierModel Load(string path, ClassifierOptions? options)
    {
        // Names of layers are names of tensors: they must not depend on how many models were loaded before.
        using IDisposable scope = Session.BeginScope();
        return new ClassifierModel(RunClassifier.Load(path, options));
    }

    public IReadOnlyList<NDArray> Predict(IReadOnlyList<NDArray> inputs) =>
        [classifier.Probabilities(inputs[0], inputs[0].Count)];

    public NDArray DecodeImage(ReadOnlySpan<byte> file, string name, long maxPixels) =>
        Images.Load(file, classifier.Info.Preprocessing, name, maxPixels);

    public NetworkViewer CreateViewer() => NetworkViewer.Of(classifier);

    public void Dispose() => classifier.Dispose();
}
