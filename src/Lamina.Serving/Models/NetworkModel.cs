using Lamina.Runs;

namespace Lamina.Serving;

/// <summary>A Lamina network as a served model.</summary>
internal sealed class NetworkModel : IInferenceModel, IViewableModel
{
    private readonly Func<IReadOnlyList<NDArray>, IReadOnlyList<NDArray>> _predict;
    private readonly Preprocessing? _preprocessing;
    private readonly IDisposable? _owned;
    private readonly Model _model;

    public NetworkModel(
        Model model,
        string platform,
        Func<IReadOnlyList<NDArray>, IReadOnlyList<NDArray>> predict,
        IReadOnlyList<string>? labels,
        Preprocessing? preprocessing,
        IDisposable? owned
    )
    {
        (_model, _predict, _preprocessing, _owned) = (model, predict, preprocessing, owned);
        Platform = platform;
        Inputs = Specs(model.Inputs);
        Outputs = Specs(model.Outputs);
        Labels = labels ?? [];
        if (preprocessing is not null && !Inputs[0].Sample.Equals(preprocessing.Shape))
        {
            throw new LaminaException(
                $"{model.Name}: the model's input is {Inputs[0].Sample}, but its preprocessing makes {preprocessing.Shape}."
            );
        }
    }

    public string Platform { get; }

    public IReadOnlyList<TensorSpec> Inputs { get; }

    public IReadOnlyList<TensorSpec> Outputs { get; }

    public IReadOnlyList<string> Labels { get; }

    public bool AcceptsImages => _preprocessing is not null;

    public ModelCard? Card =>
        new()
        {
            Model = _model.Name,
            Parameters = _model.CountParams(),
            Precision = _owned is null ? "float32" : "int8",
        };

    public bool GivesProbabilities => _model.Outputs[0].Producer.Op is SoftmaxOp;

    public string? WhyNoView =>
        _owned is not null ? "A quantized network has no gradients to look into."
        : _preprocessing is null ? "Without preprocessing, no image can be shown to the network."
        : null;

    public IReadOnlyList<NDArray> Predict(IReadOnlyList<NDArray> inputs) => _predict(inputs);

    public NDArray DecodeImage(ReadOnlySpan<byte> file, string name, long maxPixels) =>
        Images.Load(
            file,
            _preprocessing ?? throw new InvalidOperationException("The model does not accept images."),
            name,
            maxPixels
        );

    public NetworkViewer CreateViewer() => new(_model, Labels, _preprocessing!);

    public void Dispose() => _owned?.Dispose();

    private static List<TensorSpec> Specs(IReadOnlyList<Symbol> symbols)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var specs = new List<TensorSpec>();
        foreach (Symbol symbol in symbols)
        {
            string layer = symbol.Node!.Layer.Name;
            string name = layer;
            // Two outputs of one layer are two tensors, and clients tell them apart by name.
            for (int i = 1; !names.Add(name); i++)
            {
                name = $"{layer}_{i}";
            }
            specs.Add(TensorSpec.Of(name, symbol.Shape));
        }
        return specs;
    }
}
