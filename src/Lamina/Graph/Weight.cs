namespace Lamina;

/// <summary>
/// A tensor that a layer owns: a kernel, a bias, a moving mean. Values have Keras's layouts: convolution kernels (kh,
/// kw, in / groups, filters), dense kernels (in, out). They are initialized on first access, so that building a model
/// is instant.
/// </summary>
public sealed class Weight
{
    private static long s_count;

    private readonly Lock _lock = new();
    private readonly long _seed;
    private readonly long _index;
    private float[]? _values;
    private IWeightStorage? _storage;

    internal Weight(Layer layer, string name, Shape shape, Initializer initializer, bool trainable)
    {
        Layer = layer;
        Name = name;
        Shape = shape;
        Initializer = initializer;
        Trainable = trainable;
        (_seed, _index) = Session.NextWeight();
        Order = Interlocked.Increment(ref s_count);
        Symbol = OpNode.Record(new ParameterOp(this), []);
    }

    /// <summary>The layer that owns this weight.</summary>
    public Layer Layer { get; }

    /// <summary>The name within the layer: <c>kernel</c>, <c>bias</c>, <c>gamma</c>…</summary>
    public string Name { get; }

    /// <summary>
    /// The layer's name and the weight's name: <c>conv2d_1/kernel</c>. For a layer that another applies in its Call, the
    /// other's name comes first, and numbers count within it: <c>block/dense/kernel</c>, <c>block/dense_1/kernel</c>.
    /// </summary>
    public string Path => $"{Layer.Path}/{Name}";

    /// <summary>The shape, all dimensions known.</summary>
    public Shape Shape { get; }

    /// <summary>The number of elements.</summary>
    public long Count => Shape.ElementCount;

    /// <summary>The initializer of the values.</summary>
    public Initializer Initializer { get; private set; }

    /// <summary>
    /// <see langword="true"/> if the weight is meant to be trained; <see langword="false"/> for moving averages.
    /// </summary>
    public bool Trainable { get; }

    /// <summary>
    /// <see langword="true"/> if training updates this weight by its gradient: it is trainable and its layer is not
    /// frozen.
    /// </summary>
    public bool IsTrained => Trainable && Layer.Trainable;

    /// <summary>
    /// The penalty that training adds to the loss while the weight is trained; <see langword="null"/> for none. Compile
    /// again after a change.
    /// </summary>
    public Regularizer? Regularizer { get; set; }

    /// <summary>The condition that the weight meets after each update; <see langword="null"/> for none.</summary>
    public Constraint? Constraint { get; set; }

    /// <summary>The symbol of this weight, as input of an op.</summary>
    public Symbol Symbol { get; }

    /// <summary>Converts a weight to its symbol, as input of an op.</summary>
    public static implicit operator Symbol?(Weight? weight) => weight?.Symbol;

    /// <summary>Returns a copy of the values, in the order of <see cref="Shape"/>.</summary>
    public float[] GetValues()
    {
        var values = new float[Count];
        CopyTo(values);
        return values;
    }

    /// <summary>Copies the values to a buffer.</summary>
    /// <param name="destination">The buffer, of at least <see cref="Count"/> elements.</param>
    public void CopyTo(Span<float> destination)
    {
        lock (_lock)
        {
            if (_storage is { } storage)
            {
                storage.Read(destination[..checked((int)Count)]);
            }
            else
            {
                Initialized().CopyTo(destination);
            }
        }
    }

    /// <summary>Replaces the values.</summary>
    /// <param name="values">
    /// The values, exactly <see cref="Count"/> elements in the order of <see cref="Shape"/>.
    /// </param>
    /// <exception cref="ShapeException">The number of elements differs.</exception>
    public void SetValues(ReadOnlySpan<float> values)
    {
        if (values.Length != Count)
        {
            throw new ShapeException($"{Path} {Shape} requires {Count} values, got {values.Length}.");
        }
        lock (_lock)
        {
            if (_storage is { } storage)
            {
                storage.Write(values);
            }
            else
            {
                _values = values.ToArray();
            }
        }
    }

    /// <summary>
    /// Replaces the values by an array that this weight keeps. Large models are loaded this way, because a copy costs
    /// as much as reading.
    /// </summary>
    /// <param name="values">
    /// The values, exactly <see cref="Count"/> elements. The caller must not change them afterwards.
    /// </param>
    internal void TakeValues(float[] values)
    {
        lock (_lock)
        {
            if (_storage is null && values.Length == Count)
            {
                _values = values;
                return;
            }
        }
        SetValues(values);
    }

    /// <summary>Replaces the values by those of a mapped file, which are read when they are used.</summary>
    /// <param name="mapped">The values, exactly <see cref="Count"/> elements.</param>
    internal void TakeValues(MappedValues mapped)
    {
        lock (_lock)
        {
            if (_storage is null && mapped.Values.Length == Count)
            {
                (_values, _storage) = (null, mapped);
                return;
            }
        }
        SetValues(mapped.Values.Span);
    }

    /// <summary>Replaces the values by those of another initializer, with the weight's own random stream.</summary>
    /// <param name="initializer">The initializer; a Keras name converts.</param>
    public void Initialize(Initializer initializer)
    {
        ArgumentNullException.ThrowIfNull(initializer);
        lock (_lock)
        {
            Initializer = initializer;
            _values = null;
            if (_storage is { } storage)
            {
                storage.Fill(Draw);
            }
        }
    }

    /// <summary>
    /// Moves the values into an engine's storage, which holds them from now on; <see langword="null"/> moves them back.
    /// The previous storage is disposed. For engines.
    /// </summary>
    public void MoveTo(IWeightStorage? storage)
    {
        lock (_lock)
        {
            if (ReferenceEquals(storage, _storage))
            {
                return;
            }
            IWeightStorage? old = _storage;
            if (storage is not null && old is null && _values is null)
            {
                // An array in between would be garbage at once, and training allocates too little to trigger a
                // collection.
                storage.Fill(Draw);
            }
            else if (storage is not null && old is MappedValues mapped)
            {
                storage.Write(mapped.Values.Span);
            }
            else
            {
                float[] values = old is null ? Initialized() : new float[Count];
                old?.Read(values);
                storage?.Write(values);
                _values = storage is null ? values : null;
            }
            _storage = storage;
            old?.Dispose();
        }
    }

    /// <summary>
    /// The lock that each read and write takes. An engine holds it while it computes with the values, so that they
    /// neither move nor change. Of several weights, the one with the lower <see cref="Order"/> is locked first.
    /// </summary>
    internal Lock Lock => _lock;

    /// <summary>The position of the weight in the order of creation in this process.</summary>
    internal long Order { get; }

    /// <summary>
    /// The engine's storage that holds the values; <see langword="null"/> if no engine does. For engines.
    /// </summary>
    public IWeightStorage? Storage
    {
        get
        {
            lock (_lock)
            {
                return _storage;
            }
        }
    }

    private float[] Initialized()
    {
        if (_values is null)
        {
            var values = new float[Count];
            Draw(values);
            _values = values;
        }
        return _values;
    }

    private void Draw(Span<float> values)
    {
        // Initializers may skip elements that are zero.
        values.Clear();
        var random = new RandomStream(Initializer.Seed ?? _seed, RandomPurpose.Initializer, 0, _index);
        Initializer.Fill(values, Shape, ref random);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Path} {Shape}";
}

/// <summary>
/// Storage in which an engine keeps a weight while it works with it. Values are transferred in the weight's public
/// layout.
/// </summary>
public interface IWeightStorage : IDisposable
{
    /// <summary>Copies the values to a buffer.</summary>
    void Read(Span<float> destination);

    /// <summary>Replaces the values.</summary>
    void Write(ReadOnlySpan<float> values);

    /// <summary>Replaces the values by those that an action writes into uninitialized memory.</summary>
    void Fill(Action<Span<float>> fill);
}
