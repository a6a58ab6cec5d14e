using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A layer: its configuration, a rule for its weights (<see cref="Build"/>), and a <see cref="Call"/> written in
/// <see cref="Ops"/>. Shapes, gradients, summaries and plots of custom layers follow from these.
/// </summary>
public abstract class Layer
{
    [ThreadStatic]
    private static Layer? s_current;

    [ThreadStatic]
    private static List<Symbol>? s_losses;

    private readonly List<Weight> _weights = [];
    private readonly LayerPenalties _penalties = new();
    private readonly List<Node> _inboundNodes = [];
    private readonly LayerParts _parts = new();
    private string? _partName;
    private bool _trainable = true;
    private bool _built;

    /// <summary>Creates a layer.</summary>
    /// <param name="name">The name, unique in a model; <see langword="null"/> for the next name of the class.</param>
    protected Layer(string? name)
        : this(name, null) { }

    /// <summary>Creates a layer.</summary>
    /// <param name="name">The name, unique in a model.</param>
    /// <param name="counted">
    /// The prefix of the counted name if no name is given; <see langword="null"/> for that of the class.
    /// </param>
    private protected Layer(string? name, string? counted)
    {
        if (name is not null && (name.Length == 0 || name.Any(c => char.IsControl(c) || c == '/')))
        {
            throw new ArgumentException(
                $"'{name}' is not a valid layer name: it is empty or contains '/' or control characters.",
                nameof(name)
            );
        }
        HasOwnName = name is not null;
        Name = name ?? (counted is null ? DefaultName() : Session.UniqueName(counted));
    }

    private protected virtual string DefaultName() => Session.UniqueName(Session.SnakeCase(ClassName));

    /// <summary>The layer whose Call is running on this thread.</summary>
    internal static Layer? Current => s_current;

    /// <summary><see langword="true"/> if the name was given explicitly.</summary>
    internal bool HasOwnName { get; }

    /// <summary>The name: given explicitly, or counted per class (<c>conv2d_3</c>).</summary>
    public string Name { get; }

    /// <summary>The class name in Keras, in summaries, plots and files.</summary>
    public virtual string ClassName => GetType().Name;

    /// <summary>The class name in Lamina's own configs, as <see cref="LayerRegistry"/> knows it.</summary>
    internal virtual string ConfigClassName => ClassName;

    /// <summary>The activation that plots show; <see langword="null"/> if the layer has none.</summary>
    public virtual Activation? Activation => null;

    /// <summary>
    /// <see langword="true"/> if training updates this layer's weights. A frozen BatchNormalization also normalizes by
    /// its moving averages, as in Keras. Compile again after a change.
    /// </summary>
    public virtual bool Trainable
    {
        get => _trainable;
        set
        {
            _trainable = value;
            foreach (Layer part in _parts.Layers)
            {
                part.Trainable = value;
            }
        }
    }

    /// <summary>
    /// The penalty on the layer's output that training adds to the loss; <see langword="null"/> for none. Set it before
    /// the layer is applied.
    /// </summary>
    public Regularizer? ActivityRegularizer { get; set; }

    /// <summary>Sets the penalty on a weight, now or when the layer creates it.</summary>
    /// <param name="weight">The weight's name within the layer: <c>kernel</c>.</param>
    /// <param name="regularizer">The penalty; <see langword="null"/> for none.</param>
    public void SetRegularizer(string weight, Regularizer? regularizer) =>
        _penalties.Set(weight, regularizer, _weights);

    /// <summary>Sets the condition that a weight meets after each update, now or when the layer creates it.</summary>
    /// <param name="weight">The weight's name within the layer: <c>kernel</c>.</param>
    /// <param name="constraint">The condition; <see langword="null"/> for none.</param>
    public void SetConstraint(string weight, Constraint? constraint) => _penalties.Set(weight, constraint, _weights);

    /// <summary>
    /// Returns the name of a weight in the keys of its regularizer, constraint and initializer; Keras has shorter ones.
    /// </summary>
    internal virtual string ArgumentNameOf(string weight) => weight;

    /// <summary>Adds the regularizers and constraints to a config, with Keras's keys.</summary>
    internal JsonObject WithPenalties(JsonObject config) => _penalties.AddTo(config, this, _weights);

    /// <summary>The weights, trainable ones first, as in Keras.</summary>
    public virtual IReadOnlyList<Weight> Weights => [.. TrainableWeights, .. NonTrainableWeights];

    /// <summary>The weights that training updates by their gradients.</summary>
    public virtual IReadOnlyList<Weight> TrainableWeights => [.. AllWeights.Where(w => w.IsTrained)];

    /// <summary>The other weights: moving averages, and all weights of a frozen layer.</summary>
    public virtual IReadOnlyList<Weight> NonTrainableWeights => [.. AllWeights.Where(w => !w.IsTrained)];

    /// <summary>The weights in the order of their creation.</summary>
    private protected IReadOnlyList<Weight> OwnWeights => _weights;

    private IEnumerable<Weight> AllWeights => _weights.Concat(_parts.Layers.SelectMany(p => p.Weights));

    // A layer that another applies in its Call is part of it, like a layer that is an attribute of another in Keras.
    private void AddPart(Layer part)
    {
        if (_parts.Add(part) is not { } name)
        {
            return;
        }
        part.Trainable = Trainable && part.Trainable;
        part.BecomePartOf(this, name);
    }

    /// <summary>The layers that this one applies in its Call.</summary>
    internal IReadOnlyList<Layer> Parts => _parts.Layers;

    /// <summary>The layer, or the model inside a layer, that this one is part of.</summary>
    internal Layer? Owner { get; private set; }

    /// <summary>Makes a layer, the first that applies this one in its Call, its owner.</summary>
    internal void BecomePartOf(Layer owner, string name)
    {
        if (Owner is null)
        {
            (Owner, _partName) = (owner, name);
            (this as Model)?.OwnLayers();
        }
    }

    /// <summary>The name among the owner's parts.</summary>
    internal string PartName => _partName ?? Name;

    /// <summary>The owners' names and the name among their parts: <c>block/dense</c>; otherwise the name.</summary>
    internal string Path => Owner is { } owner ? $"{owner.Path}/{PartName}" : Name;

    /// <summary>The name without a number that layers of this class have by default.</summary>
    internal string CountedPrefix =>
        this is Model { IsSequential: var isSequential }
            ? (isSequential ? "sequential" : "model")
            : Session.SnakeCase(ClassName);

    /// <summary>Returns the number of parameters, which is the number of elements of all weights.</summary>
    public long CountParams() => Weights.Sum(w => w.Count);

    /// <summary>The applications of this layer, in order of their creation.</summary>
    public IReadOnlyList<Node> InboundNodes => _inboundNodes;

    /// <summary>The input of a layer that was applied once, to one symbol.</summary>
    /// <exception cref="InvalidOperationException">It was applied more than once or not at all, or has several inputs.</exception>
    public Symbol Input =>
        OnlyNode().Inputs is [var input]
            ? input
            : throw new InvalidOperationException($"{this} does not have exactly one input.");

    /// <summary>The output of a layer that was applied once.</summary>
    /// <exception cref="InvalidOperationException">It was applied more than once or not at all, or has several outputs.</exception>
    public Symbol Output =>
        OnlyNode().Outputs is [var output]
            ? output
            : throw new InvalidOperationException($"{this} does not have exactly one output.");

    /// <summary>Applies the layer and records a node of the graph.</summary>
    /// <param name="inputs">The symbols to apply it to.</param>
    /// <returns>The layer's output.</returns>
    /// <exception cref="ShapeException">The layer does not accept these shapes.</exception>
    /// <exception cref="InvalidOperationException">The layer has several outputs: use <see cref="ApplyAll"/>.</exception>
    public Symbol Apply(params ReadOnlySpan<Symbol> inputs) =>
        ApplyAll(inputs) is [var output]
            ? output
            : throw new InvalidOperationException($"{this} has several outputs. Use ApplyAll.");

    /// <summary>
    /// Applies a layer that may have several outputs (a model used as a layer) and records a node of the graph.
    /// </summary>
    /// <param name="inputs">The symbols to apply it to.</param>
    /// <exception cref="ShapeException">The layer does not accept these shapes.</exception>
    public IReadOnlyList<Symbol> ApplyAll(params ReadOnlySpan<Symbol> inputs)
    {
        Symbol[] sources = inputs.ToArray();
        // An input has nothing to be a part of.
        if (s_current is { } whole && whole != this && sources.Length > 0)
        {
            Array.ForEach(sources, s => ArgumentNullException.ThrowIfNull(s, nameof(inputs)));
            whole.AddPart(this);
            return Invoke(sources);
        }
        foreach (Symbol source in sources)
        {
            ArgumentNullException.ThrowIfNull(source, nameof(inputs));
            if (source.Node is null)
            {
                throw new GraphException(
                    $"{this}: an input was not made by a layer. Ops belong inside a layer's Call; write a Layer around them."
                );
            }
        }
        List<Symbol>? outer = s_losses;
        s_losses = [];
        IReadOnlyList<Symbol> results;
        IReadOnlyList<Symbol> losses;
        try
        {
            bool isUnknown = Array.Exists(sources, s => s.Shape.HasUnknownSample);
            results = isUnknown ? UnknownSizes.Invoke(this, sources) : Invoke(sources);
            // The trials' losses are discarded with their ops.
            losses = isUnknown ? [] : s_losses;
        }
        finally
        {
            s_losses = outer;
        }
        var node = new Node(this, sources) { Losses = losses };
        node.Outputs = [.. results.Select((r, i) => r.Claim(node, i))];
        _inboundNodes.Add(node);
        return node.Outputs;
    }

    /// <summary>Builds the layer if necessary and records its ops, without a node.</summary>
    internal IReadOnlyList<Symbol> Invoke(IReadOnlyList<Symbol> inputs)
    {
        Layer? outer = s_current;
        s_current = this;
        try
        {
            RequireInputCount(inputs.Count);
            if (!_built)
            {
                Build([.. inputs.Select(i => i.Shape)]);
                _built = true;
            }
            IReadOnlyList<Symbol> results = CallAll(inputs);
            if (ActivityRegularizer is { } regularizer)
            {
                foreach (Symbol result in results)
                {
                    AddActivityLoss(regularizer, new Symbol(result.Shape, result.Producer));
                }
            }
            return results;
        }
        catch (ShapeException e)
            when (this is not Model && !e.Message.StartsWith($"{this}: ", StringComparison.Ordinal))
        {
            throw new ShapeException($"{this}: {e.Message}");
        }
        finally
        {
            s_current = outer;
        }
    }

    /// <summary>Creates the weights; called once, before the first <see cref="Call"/>.</summary>
    /// <param name="inputs">The shapes of the first inputs.</param>
    protected virtual void Build(IReadOnlyList<Shape> inputs) { }

    /// <summary>Computes the output from ops.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <returns>The output.</returns>
    protected abstract Symbol Call(IReadOnlyList<Symbol> inputs);

    /// <summary>Computes the outputs from ops, for layers with several outputs.</summary>
    private protected virtual IReadOnlyList<Symbol> CallAll(IReadOnlyList<Symbol> inputs) => [Call(inputs)];

    /// <summary>The least and greatest number of inputs that the layer accepts. Default: exactly one.</summary>
    protected virtual (int Min, int Max) InputCount => (1, 1);

    /// <summary>
    /// Returns the layer's config with Keras's keys, as saved models contain it. A layer of the same class can be
    /// created from it.
    /// </summary>
    public virtual JsonObject GetConfig() =>
        new()
        {
            ["name"] = Name,
            ["trainable"] = Trainable,
            ["dtype"] = "float32",
        };

    /// <summary>
    /// Adds a value to the loss of every model that contains this application of the layer, in training and evaluation;
    /// to be called from <see cref="Call"/>. Like Keras's <c>add_loss</c>.
    /// </summary>
    /// <param name="loss">
    /// The value. Of one with a batch, (batch, …), the mean is added; other values are summed.
    /// </param>
    protected void AddLoss(Symbol loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        if (s_current != this)
        {
            throw new InvalidOperationException($"{this}: AddLoss can be called only from Call.");
        }
        s_losses?.Add(loss);
    }

    // The sum over the elements of each sample, whose mean over the batch is what Keras divides by the batch size.
    /// <summary>Adds the penalty on an output to the loss: its sum over the elements of a sample.</summary>
    private protected void AddActivityLoss(Regularizer regularizer, Symbol output) =>
        AddLoss(OfSamples(regularizer.Call(output)));

    private static Symbol OfSamples(Symbol values) =>
        values.Shape.Rank < 2 ? values : Ops.Sum(values, [.. Enumerable.Range(1, values.Shape.Rank - 1)]);

    /// <summary>Adds a weight; to be called from <see cref="Build"/>.</summary>
    /// <param name="name">The name within the layer.</param>
    /// <param name="shape">The shape, all dimensions known.</param>
    /// <param name="initializer">The initializer of the values.</param>
    /// <param name="trainable"><see langword="true"/> if training updates it by its gradient.</param>
    protected Weight AddWeight(string name, Shape shape, Initializer initializer, bool trainable = true)
    {
        ArgumentNullException.ThrowIfNull(initializer);
        var weight = new Weight(this, name, shape, initializer, trainable)
        {
            Regularizer = _penalties.RegularizerOf(name),
            Constraint = _penalties.ConstraintOf(name),
        };
        _weights.Add(weight);
        return weight;
    }

    private void RequireInputCount(int count)
    {
        (int min, int max) = InputCount;
        if (count < min || count > max)
        {
            string needs =
                min == max ? $"{min}"
                : max == int.MaxValue ? $"at least {min}"
                : $"{min} to {max}";
            throw new ShapeException($"needs {needs} input(s), got {count}.");
        }
    }

    private Node OnlyNode() =>
        _inboundNodes is [var node]
            ? node
            : throw new InvalidOperationException($"{this} was applied {_inboundNodes.Count} times. Use InboundNodes.");

    /// <summary>Returns the name and class as error messages begin: <c>conv2d_4 (Conv2D)</c>.</summary>
    public override string ToString() => $"{Name} ({ClassName})";
}
