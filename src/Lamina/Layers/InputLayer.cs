using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The entry of data into a model. <see cref="Layers.Input(Shape, int?, string?)"/> creates it.</summary>
public sealed class InputLayer : Layer, IFromConfig<InputLayer>
{
    /// <summary>Creates the layer; its one output is <see cref="Layer.Output"/>.</summary>
    /// <param name="shape">The shape of one sample: (height, width, channels) for images.</param>
    /// <param name="batchSize">The batch size; <see langword="null"/> for any.</param>
    /// <param name="name">The name; <see langword="null"/> for <c>input_1</c>, <c>input_2</c>…</param>
    public InputLayer(Shape shape, int? batchSize = null, string? name = null)
        : base(name)
    {
        Shape = shape.Batched(batchSize);
        ApplyAll();
    }

    private protected override string DefaultName() => Session.UniqueName("input", fromOne: true);

    /// <summary>The shape, including the batch dimension.</summary>
    public Shape Shape { get; }

    /// <inheritdoc/>
    protected override (int Min, int Max) InputCount => (0, 0);

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => OpNode.Record(new InputOp(Shape), []);

    /// <inheritdoc/>
    public static InputLayer FromConfig(LayerConfigReader config)
    {
        // Keras 3 renamed the key.
        Shape shape = config.Shape(config.Has("batch_shape") ? "batch_shape" : "batch_input_shape");
        return new InputLayer(shape.Sample, shape[0], config.Name);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() =>
        new()
        {
            ["batch_input_shape"] = new JsonArray([.. Shape.Select(d => d is { } n ? (JsonNode)n : null)]),
            ["dtype"] = "float32",
            ["sparse"] = false,
            ["ragged"] = false,
            ["name"] = Name,
        };
}

public static partial class Layers
{
    /// <summary>Creates an input of a model: <c>Input(224, 224, 3)</c> for images of height, width, channels.</summary>
    /// <param name="shape">The shape of one sample.</param>
    public static Symbol Input(params ReadOnlySpan<int> shape) => Input(Shape.Of(shape));

    /// <summary>
    /// Creates an input of a model for images of any size: <c>Input(null, null, 3)</c>. <see cref="Model.ForInput"/>
    /// returns the model for one size, to train or export it; predictions do so by themselves.
    /// </summary>
    /// <param name="shape">The shape of one sample; <see langword="null"/> for an unknown dimension.</param>
    public static Symbol Input(params ReadOnlySpan<int?> shape) => Input(Shape.WithUnknown(shape));

    /// <summary>Creates a named input of rows of numbers, like Keras's <c>Input((size,), name=…)</c>.</summary>
    /// <param name="size">The numbers of one sample.</param>
    /// <param name="name">The name; it must be unique in the model.</param>
    public static Symbol Input(int size, string name) => Input(Shape.Of(size), name: name);

    /// <summary>Creates an input of a model.</summary>
    /// <param name="shape">The shape of one sample.</param>
    /// <param name="batchSize">The batch size; <see langword="null"/> for any.</param>
    /// <param name="name">The name; <see langword="null"/> for <c>input_1</c>, <c>input_2</c>…</param>
    public static Symbol Input(Shape shape, int? batchSize = null, string? name = null) =>
        new InputLayer(shape, batchSize, name).Output;
}
