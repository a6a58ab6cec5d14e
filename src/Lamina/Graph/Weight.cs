namespace Lamina;

/// <summary>
/// A tensor that a layer owns: a kernel, a bias, a moving mean. Values have Keras's layouts: kernels (kh, kw, in / groups,
/// filters), dense kernels (in, out). They come into being when first read, so that a model is instant to build.
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

    /// <summary>The layer that owns this.</summary>
    public Layer Layer { get; }

    /// <summary>The name within the layer: <c>kernel</c>, <c>bias</c>, <c>gamma</c>…</summary>
    public string Name { get; }

    /// <summary>The layer's name and this one's: <c>conv2d_1/kernel</c>.</summary>
    public string Path => $"{Layer.Name}/{Name}";

    /// <summary>The shape, all dimensions known.</summary>
    public Shape Shape { get; }

    /// <summary>The number of elements.</summary>
    public long Count => Shape.ElementCount;

    /// <summary>What makes the first values.</summary>
    public Initializer Initializer { get; private set; }

    /// <summary>Whether the layer means this to be trained; false for moving averages.</summary>
    public bool Trainable { get; }

    /// <summary>Whether training changes this by its gradient: it is trainable and its layer is not frozen.</summary>
    public bool IsTrained => Trainable && Layer.Trainable;

    /// <summary>This weight as input of an op.</summary>
    public Symbol Symbol { get; }

    /// <summary>This weight as input of an op.</summary>
    public static implicit operator Symbol?(Weight? weight) => weight?.Symbol;

    /// <summary>A copy of the values, in <see cref="Shape"/>'s order.</summary>
    public float[] GetValues()
    {
        var values = new float[Count];
        CopyTo(values);
        return values;
    }

    /// <summary>Copies the values out.</summary>
    /// <param name="destination">At least <see cref="Count"/> elements.</param>
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
    /// <param name="values">Exactly <see cref="Count"/> elements in <see cref="Shape"/>'s order.</param>
    /// <exception cref="ShapeException">The number of elements is another.</exception>
    public void SetValues(ReadOnlySpan<float> values)
    {
        if (values.Length != Count)
        {
            throw new ShapeException($"{Path} {Shape} takes {Count} values, got {values.Length}.");
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
    /// Replaces the values by an array that this weight keeps. Large models are loaded so: a copy takes as long as reading.
    /// </summary>
    /// <param name="values">Exactly <see cref="Count"/> elements, which the caller no longer changes.</param>
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

    /// <summary>Drops the values for those that another initializer makes, with the weight's own random stream.</summary>
    /// <param name="initializer">What makes them; a Keras name converts.</param>
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
    /// Moves the values into an engine's storage, which is asked for them from now on; <see langword="null"/> brings them
    /// back. The storage until now is disposed. For engines.
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
                // An array in between would be garbage at once, and training allocates too little to have it collected.
                storage.Fill(Draw);
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
    /// The lock that reading and writing take, each for itself. An engine holds it while it computes with the values, so
    /// that they stay where and what they are. Of several weights, the one of the lower <see cref="Order"/> comes first.
    /// </summary>
    internal Lock Lock => _lock;

    /// <summary>The weight's place among all of the process.</summary>
    internal long Order { get; }

    /// <summary>The engine's storage that holds the values, if one does. For engines.</summary>
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
        // Initializers may leave out what is zero.
        values.Clear();
        var random = new RandomStream(Initializer.Seed ?? _seed, RandomPurpose.Initializer, 0, _index);
        Initializer.Fill(values, Shape, ref random);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Path} {Shape}";
}

/// <summary>Where an engine keeps a weight while it works with it. Values cross in the weight's public layout.</summary>
public interface IWeightStorage : IDisposable
{
    /// <summary>Copies the values out.</summary>
    void Read(Span<float> destination);

    /// <summary>Replaces the values.</summary>
    void Write(ReadOnlySpan<float> values);

    /// <summary>Replaces the values by those that an action writes into memory of any content.</summary>
    void Fill(Action<Span<float>> fill);
}
