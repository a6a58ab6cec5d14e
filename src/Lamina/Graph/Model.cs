using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A graph of layers from inputs to outputs, like Keras's functional Model. A model is itself a layer: applied to
/// symbols, it runs the same layers with the same weights.
/// </summary>
public class Model : Layer
{
    private readonly ModelTopology _topology;
    private IDisposable? _engine;

    /// <summary>Creates a model from its inputs and outputs.</summary>
    /// <param name="inputs">The inputs, created by <c>Input</c>.</param>
    /// <param name="outputs">The outputs, which the inputs lead to.</param>
    /// <param name="name">The name; <see langword="null"/> for <c>model</c>, <c>model_1</c>…</param>
    /// <exception cref="GraphException">
    /// An output depends on an input that is not given, an input leads nowhere, or two layers have the same name.
    /// </exception>
    public Model(IReadOnlyList<Symbol> inputs, IReadOnlyList<Symbol> outputs, string? name = null)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        Inputs = [.. inputs];
        Outputs = [.. outputs];
        _topology = new ModelTopology(this);
    }

    /// <summary>Creates a model with one input and one output.</summary>
    /// <param name="inputs">The input, created by <c>Input</c>.</param>
    /// <param name="outputs">The output, which the input leads to.</param>
    /// <param name="name">The name; <see langword="null"/> for <c>model</c>, <c>model_1</c>…</param>
    /// <exception cref="GraphException">The output cannot be reached from the input alone.</exception>
    public Model(Symbol inputs, Symbol outputs, string? name = null)
        : this([inputs], [outputs], name) { }

    private protected override string DefaultName() => Session.UniqueName("model");

    /// <inheritdoc/>
    public override string ClassName => IsSequential ? "Sequential" : "Functional";

    /// <summary>
    /// <see langword="true"/> for a chain that was a Sequential in Keras, whose summary hides the input.
    /// </summary>
    internal bool IsSequential { get; init; }

    /// <summary>
    /// The state of the engine that runs this model, such as plans and optimizer slots; <see langword="null"/> if no
    /// engine has run it.
    /// </summary>
    internal IDisposable? Engine => Volatile.Read(ref _engine);

    /// <summary>Returns the engine's state, creating it if there is none. Thread-safe.</summary>
    internal T EngineOrNew<T>(Func<Model, T> create)
        where T : class, IDisposable
    {
        if (Engine is T known)
        {
            return known;
        }
        T created = create(this);
        return Interlocked.CompareExchange(ref _engine, created, null) as T ?? created;
    }

    /// <summary>The inputs.</summary>
    public IReadOnlyList<Symbol> Inputs { get; }

    /// <summary>The outputs.</summary>
    public IReadOnlyList<Symbol> Outputs { get; }

    /// <summary>The layers in Keras's order: by distance from the outputs, inputs first.</summary>
    public IReadOnlyList<Layer> Layers => _topology.Layers;

    /// <summary>Makes the model, which became part of a layer, the owner of its layers.</summary>
    internal void OwnLayers()
    {
        var parts = new LayerParts();
        foreach (Layer layer in Layers)
        {
            layer.BecomePartOf(this, parts.Add(layer)!);
        }
    }

    /// <summary>The applications of layers that make up this model, in an executable order.</summary>
    public IReadOnlyList<Node> Nodes => _topology.Nodes;

    /// <summary>Returns <see langword="true"/> if an application of a layer belongs to this model.</summary>
    public bool Contains(Node node) => _topology.Contains(node);

    /// <summary>
    /// The values that layers add to the loss, like Keras's <c>losses</c>: the penalties of trained weights, and what
    /// <c>AddLoss</c> and activity regularizers added, one per sample or one number. <c>Fit</c> adds them by itself; a loss of
    /// a program's own adds them where it wants them.
    /// </summary>
    public IReadOnlyList<Symbol> Losses =>
        [
            .. TrainableWeights
                .Where(w => w.Regularizer is not null)
                .Select(w => Ops.Sum(w.Regularizer!.Call(w.Symbol))),
            .. Nodes.SelectMany(n => n.Losses),
        ];

    /// <summary>
    /// <see langword="true"/> if training updates the model's weights. Setting it freezes or unfreezes every layer.
    /// </summary>
    public override bool Trainable
    {
        get => base.Trainable;
        set
        {
            base.Trainable = value;
            foreach (Layer layer in Layers)
            {
                layer.Trainable = value;
            }
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Weight> Weights => [.. Layers.SelectMany(l => l.Weights).Distinct()];

    /// <inheritdoc/>
    public override IReadOnlyList<Weight> TrainableWeights => [.. Weights.Where(w => w.IsTrained)];

    /// <inheritdoc/>
    public override IReadOnlyList<Weight> NonTrainableWeights => [.. Weights.Where(w => !w.IsTrained)];

    /// <summary>
    /// <see langword="true"/> if an input has unknown sizes, such as <c>Input(null, null, 3)</c>. Such a model predicts;
    /// <see cref="ForInput"/> returns what can also be trained or exported.
    /// </summary>
    public bool HasUnknownSizes => Inputs.Any(i => i.Shape.HasUnknownSample);

    /// <summary>Returns a model of the same layers, with the same weights, for inputs of known sizes.</summary>
    /// <param name="samples">The shape of one sample of each input, such as (224, 224, 3).</param>
    /// <exception cref="ShapeException">A shape does not match the model's input.</exception>
    public Model ForInput(params IReadOnlyList<Shape> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Count != Inputs.Count)
        {
            throw new ShapeException($"{this}: has {Inputs.Count} input(s), got {samples.Count} shape(s).");
        }
        return Session.Unchanged(() =>
        {
            Symbol[] inputs =
            [
                .. Inputs.Zip(samples, (i, sample) => new InputLayer(sample, i.Shape[0], i.Layer!.Name).Output),
            ];
            return new Model(inputs, ApplyAll(inputs), Name + "_sized");
        });
    }

    /// <summary>Returns the layer with this name.</summary>
    /// <exception cref="ArgumentException">The model has no such layer.</exception>
    public Layer GetLayer(string name) =>
        Layers.FirstOrDefault(l => l.Name == name)
        ?? throw new ArgumentException(
            $"{Name} has no layer '{name}'. It has {string.Join(", ", Layers.Select(l => l.Name))}.",
            nameof(name)
        );

    /// <summary>Returns the layer at this index of <see cref="Layers"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The model has no such layer.</exception>
    public Layer GetLayer(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Layers.Count, nameof(index));
        return Layers[index];
    }

    /// <inheritdoc/>
    protected override (int Min, int Max) InputCount => (Inputs.Count, Inputs.Count);

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => CallAll(inputs)[0];

    private protected override IReadOnlyList<Symbol> CallAll(IReadOnlyList<Symbol> inputs)
    {
        Dictionary<(Node, int), Symbol> made = [];
        for (int i = 0; i < inputs.Count; i++)
        {
            if (inputs[i].Shape.Rank == 0 || !UnknownSizes.Fits(inputs[i].Shape.Sample, Inputs[i].Shape.Sample))
            {
                throw new ShapeException(
                    $"{this}: input {i} is {inputs[i].Shape}, the model requires {Inputs[i].Shape}."
                );
            }
            made[(Inputs[i].Node!, Inputs[i].OutputIndex)] = inputs[i];
        }
        foreach (Node node in Nodes.Where(n => n.Inputs.Count > 0))
        {
            Symbol[] sources = [.. node.Inputs.Select(s => made[(s.Node!, s.OutputIndex)])];
            IReadOnlyList<Symbol> results = node.Layer.Invoke(sources);
            for (int i = 0; i < results.Count; i++)
            {
                made[(node, i)] = results[i];
            }
        }
        return [.. Outputs.Select(o => made[(o.Node!, o.OutputIndex)])];
    }

    /// <summary>
    /// Returns the architecture with Keras's keys: layers with their configs, connections, inputs and outputs.
    /// </summary>
    public override JsonObject GetConfig() => ModelConfig.Write(this);

    /// <summary>Creates a model from an architecture, with newly initialized weights.</summary>
    /// <param name="config">The config, as <see cref="GetConfig"/> returns it.</param>
    /// <exception cref="ConfigException">The config is malformed, or names an unknown layer.</exception>
    public static Model FromConfig(JsonObject config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return ModelConfig.Read(config);
    }

    /// <summary>
    /// Returns a model of the same architecture with weights of its own. Keras's <c>clone_model</c> initializes them
    /// anew; here they are copied unless asked otherwise.
    /// </summary>
    /// <param name="copyWeights"><see langword="true"/> to copy the values of the weights.</param>
    public Model Clone(bool copyWeights = true)
    {
        Model clone = FromConfig(GetConfig());
        if (copyWeights)
        {
            foreach ((Weight from, Weight to) in Weights.Zip(clone.Weights))
            {
                to.SetValues(from.GetValues());
            }
        }
        return clone;
    }

    /// <summary>
    /// Converts a model to a call, so that it can be applied like a layer: <c>Call&lt;Model&gt; encoder = model;</c>, then
    /// <c>encoder(x)</c>.
    /// </summary>
    public static implicit operator Call<Model>(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Apply;
    }

    /// <summary>
    /// Returns the architecture as the JSON text of Keras 2's <c>to_json</c>, which Keras and tfjs read. A convolution
    /// with padding in pixels becomes a ZeroPadding2D and a convolution; so does a max pooling of values that cannot be
    /// negative. Layers that Keras lacks keep Lamina's class under the package <c>Lamina</c>
    /// (<c>Lamina&gt;LocalResponseNormalization</c>), for a Keras program to register.
    /// </summary>
    /// <param name="indented"><see langword="true"/> to indent the text for human readers.</param>
    /// <exception cref="ConfigException">A pooling has padding in pixels that no Keras layers can compute.</exception>
    public string ToJson(bool indented = false) => KerasJson.WriteText(this, indented);

    /// <summary>
    /// Creates a model from the JSON text of Keras's or tfjs's <c>to_json</c>, with newly initialized weights. The
    /// model may be functional or sequential, of Keras 2 or 3. Settings that affect only training and have no
    /// counterpart here (regularizers, constraints, mixed precision) are ignored.
    /// </summary>
    /// <param name="json">The JSON text.</param>
    /// <exception cref="ConfigException">
    /// The text is malformed, or contains layers that Lamina does not support; the message says which and why.
    /// </exception>
    public static Model FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return KerasJson.ReadText(json);
    }
}

public static partial class Layers
{
    /// <summary>Creates a model with one input and one output.</summary>
    /// <param name="inputs">The input, created by <c>Input</c>.</param>
    /// <param name="outputs">The output, which the input leads to.</param>
    /// <param name="name">The name; <see langword="null"/> for <c>model</c>, <c>model_1</c>…</param>
    /// <exception cref="GraphException">The output cannot be reached from the input alone.</exception>
    public static Model Model(Symbol inputs, Symbol outputs, string? name = null) => new(inputs, outputs, name);

    /// <summary>Creates a model with several inputs or outputs.</summary>
    /// <param name="inputs">The inputs, created by <c>Input</c>.</param>
    /// <param name="outputs">The outputs, which the inputs lead to.</param>
    /// <param name="name">The name; <see langword="null"/> for <c>model</c>, <c>model_1</c>…</param>
    /// <exception cref="GraphException">The graph is incomplete.</exception>
    public static Model Model(IReadOnlyList<Symbol> inputs, IReadOnlyList<Symbol> outputs, string? name = null) =>
        new(inputs, outputs, name);
}
