using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The gradient of a layer's output by an input or another layer's output, as a node of the graph.</summary>
internal sealed class GradientOperation() : Layer(null, "gradient")
{
    public override string ClassName => "Gradient";

    protected override (int Min, int Max) InputCount => (2, 2);

    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => GradientWalk.Record(inputs[0], [inputs[1]])[0];

    public override JsonObject GetConfig() =>
        throw new ConfigException(
            $"{Name}: a model that computes a gradient cannot be saved. Save the model that it differentiates."
        );
}
