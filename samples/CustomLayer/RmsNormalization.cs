using System.Text.Json.Nodes;
using Lamina;

namespace CustomLayer;

/// <summary>
/// Divides each row by its root mean square and scales each channel (Zhang and Sennrich 2019). Written in ops, so its shape,
/// gradients, memory and ONNX export come from them. Input and output: (N, …, C).
/// </summary>
public sealed class RmsNormalization(double epsilon = 1e-6, string? name = null)
    : Layer(name),
        IFromConfig<RmsNormalization>
{
    private Weight? _scale;

    public double Epsilon { get; } = epsilon;

    protected override void Build(IReadOnlyList<Shape> inputs) =>
        _scale = AddWeight("scale", Shape.Of(inputs[0][^1]!.Value), "ones");

    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = inputs[0];
        Symbol meanSquare = Ops.Mean(x * x, [x.Shape.Rank - 1], keepDims: true);
        return x / Ops.Sqrt(meanSquare + Epsilon) * _scale!.Symbol;
    }

    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["epsilon"] = Epsilon;
        return config;
    }

    public static RmsNormalization FromConfig(LayerConfigReader config) => new(config.Double("epsilon"), config.Name);
}
