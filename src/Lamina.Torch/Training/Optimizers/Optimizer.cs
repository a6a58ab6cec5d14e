using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina;

/// <summary>
/// A rule that moves weights by their gradients, with what surrounds any rule: schedule, accumulation, clipping, averages.
/// For a rule of your own, derive from this class, name its <see cref="SlotNames"/> and override
/// <see cref="Update(in WeightUpdate)"/>.
/// </summary>
public abstract class Optimizer
{
    private static readonly Registry<Optimizer> s_registry = new();
    private OptimizerOptions _options = new();
    private double _learningRate;

    /// <summary>Creates an optimizer.</summary>
    /// <param name="name">The rule's name, in its config and in messages.</param>
    /// <param name="learningRate">The step size, at least 0.</param>
    protected Optimizer(string name, double learningRate)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        LearningRate = learningRate;
    }

    /// <summary>The rule's name.</summary>
    public string Name { get; }

    /// <summary>
    /// The step size, at least 0 and finite. It may be changed between steps unless there is a <see cref="Schedule"/>, which
    /// sets it before each update.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is set below 0, or to no number.</exception>
    /// <exception cref="LaminaException">It is set while a schedule rules it.</exception>
    public double LearningRate
    {
        get => _learningRate;
        set
        {
            if (!double.IsFinite(value) || value < 0)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(value),
                    $"A learning rate of {value} is impossible. It must be at least 0."
                );
            }
            if (Schedule is { } schedule && value != _learningRate)
            {
                throw new LaminaException(
                    $"The learning rate follows the schedule {schedule.Name} and cannot be set. Drop the schedule, or what sets the rate."
                );
            }
            _learningRate = value;
        }
    }

    /// <summary>
    /// The rate as a function of the updates made; <see langword="null"/> for a rate that stays as it is set. Checkpoints
    /// need nothing of it.
    /// </summary>
    public LearningRateSchedule? Schedule
    {
        get => Options.Schedule;
        init => Options = Options with { Schedule = value };
    }

    /// <summary>Factors on rate and decay of some weights; of those that match a weight, the first holds.</summary>
    public IReadOnlyList<WeightRule> Rules
    {
        get => Options.Rules;
        init => Options = Options with { Rules = [.. value] };
    }

    /// <summary>
    /// How many batches make one update, at least 1: their gradients are averaged, as in Keras 3, so that N batches of m
    /// samples are one of N·m. What is accumulated is kept from epoch to epoch and in checkpoints.
    /// </summary>
    public int GradientAccumulationSteps
    {
        get => Options.GradientAccumulationSteps;
        init =>
            Options = Options with
            {
                GradientAccumulationSteps =
                    value >= 1
                        ? value
                        : throw new ArgumentOutOfRangeException(
                            nameof(value),
                            $"GradientAccumulationSteps is {value}; it must be at least 1."
                        ),
            };
    }

    /// <summary>
    /// The momentum m, 0 to 1, of a moving average of the trained weights, average ← m·average + (1 − m)·weight after each
    /// update; <see langword="null"/> for none. Averages begin as the weights, as Keras 2's <c>ema_momentum</c>.
    /// <see cref="CompiledModel.SwapAverages"/> says who sees which.
    /// </summary>
    public double? EmaMomentum
    {
        get => Options.EmaMomentum;
        init => Options = Options with { EmaMomentum = value is { } m ? Share(m, nameof(EmaMomentum), 1) : null };
    }

    /// <summary>The largest magnitude of a gradient's element, above 0; what is beyond is cut: Keras's <c>clipvalue</c>.</summary>
    public double? ClipValue
    {
        get => Options.ClipValue;
        init => Options = Options with { ClipValue = Positive(value, nameof(ClipValue)) };
    }

    /// <summary>
    /// The largest Euclidean norm of a weight's gradient, above 0; a longer one is scaled down: Keras's <c>clipnorm</c>. It
    /// follows <see cref="ClipValue"/>.
    /// </summary>
    public double? ClipNorm
    {
        get => Options.ClipNorm;
        init => Options = Options with { ClipNorm = Positive(value, nameof(ClipNorm)) };
    }

    internal OptimizerOptions Options
    {
        get => _options;
        init => Set(value);
    }

    /// <summary>
    /// The names of the values that the rule keeps for each weight, zeros at first. Checkpoints save them as
    /// <c>path/name</c>. Default: none.
    /// </summary>
    protected virtual IReadOnlyList<string> SlotNames => [];

    /// <summary>Moves one weight by its gradient.</summary>
    /// <param name="update">The weight's values, gradient and slots, and the numbers of this update.</param>
    protected abstract void Update(in WeightUpdate update);

    /// <summary>
    /// Returns the optimizer's arguments, with Keras's keys where Keras has them; <see cref="FromConfig"/> reads them. An
    /// optimizer of your own adds its arguments to what the base returns: a resumed run compares them.
    /// </summary>
    public virtual JsonObject GetConfig()
    {
        JsonObject config = new()
        {
            ["name"] = Name,
            ["learning_rate"] = Schedule is { } schedule ? schedule.GetConfig() : LearningRate,
        };
        Write(config);
        Options.Write(config);
        return config;
    }

    /// <summary>Makes <see cref="FromConfig"/> read the configs of an optimizer of a program's own.</summary>
    /// <param name="name">The <c>name</c> in the config.</param>
    /// <param name="create">
    /// Creates the optimizer from its own keys and <c>learning_rate</c>, a number. Schedule, rules, accumulation, averages
    /// and clipping are set by <see cref="FromConfig"/>.
    /// </param>
    public static void Register(string name, Func<JsonObject, Optimizer> create) => s_registry.Add(name, create);

    /// <summary>
    /// Makes an optimizer from its config. Keys that are missing have the constructor's defaults; <c>learning_rate</c> is a
    /// number or a schedule's config.
    /// </summary>
    /// <exception cref="ConfigException">A key is unknown, or a value is out of range.</exception>
    public static Optimizer FromConfig(JsonObject config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (Registered(config) is { } registered)
        {
            return registered;
        }
        var reader = new ConfigReader(config, "optimizer");
        return reader.Name(Sgd.Key, Adam.Key, AdamW.Key, Lars.Key) switch
        {
            Sgd.Key => Sgd.Read(reader),
            Adam.Key => Adam.Read(reader),
            AdamW.Key => AdamW.Read(reader),
            _ => Lars.Read(reader),
        };
    }

    /// <inheritdoc cref="SlotNames"/>
    internal IReadOnlyList<string> Slots => SlotNames;

    /// <summary>
    /// <see langword="true"/> if the rule is a loop over tensors of any device, which on the CPU also does what
    /// <see cref="WeightStep.Around"/> says.
    /// </summary>
    internal virtual bool IsFused => false;

    /// <summary>Whether the rule needs all of a gradient, as it then is, before it moves an element.</summary>
    internal virtual bool MeasuresGradient => false;

    /// <summary>Moves one weight, after and before what <see cref="WeightStep.Around"/> says.</summary>
    /// <param name="weight">The weight's values, changed in place.</param>
    /// <param name="gradient">Its gradient, which may be written over.</param>
    /// <param name="slots">The kept tensors, in the order of <see cref="SlotNames"/>, changed in place.</param>
    /// <param name="step">The update's number, rate and decay.</param>
    internal void Update(Tensor weight, Tensor gradient, ReadOnlySpan<Tensor> slots, in WeightStep step)
    {
        if (IsFused || weight.IsCpuFloat)
        {
            Update(new WeightUpdate(weight, gradient, slots, step));
            return;
        }
        Tensor[] host = [.. (Tensor[])[weight, gradient, .. slots]];
        for (int i = 0; i < host.Length; i++)
        {
            Tensor original = host[i];
            host[i] = Tensor.Empty(original.Sizes);
            host[i].CopyFrom(original);
        }
        Update(new WeightUpdate(host[0], host[1], host.AsSpan(2), step));
        weight.CopyFrom(host[0]);
        for (int i = 0; i < slots.Length; i++)
        {
            slots[i].CopyFrom(host[2 + i]);
        }
        Array.ForEach(host, t => t.Dispose());
    }

    /// <summary>Throws if a callback that sets the rate could not.</summary>
    /// <exception cref="LaminaException">A schedule rules the rate.</exception>
    internal void RequireSettableRate(string callback)
    {
        if (Schedule is { } schedule)
        {
            throw new LaminaException(
                $"{callback} sets the learning rate, which follows the optimizer's schedule {schedule.Name}. Drop one of the two."
            );
        }
    }

    /// <summary>Sets the rate of an update, if a schedule says it.</summary>
    internal void Follow(long update) => _learningRate = Schedule?.RateAt(update) ?? _learningRate;

    /// <summary>Writes the rule's own keys.</summary>
    private protected virtual void Write(JsonObject config) { }

    private void Set(OptimizerOptions options)
    {
        _options = options;
        Follow(0);
    }

    private static Optimizer? Registered(JsonObject config)
    {
        if (!s_registry.Knows(config))
        {
            return null;
        }
        var options = OptimizerOptions.Read(new ConfigReader(config, $"optimizer {config["name"]}"));
        var own = (JsonObject)config.DeepClone();
        if (options.Schedule is { } schedule)
        {
            own["learning_rate"] = schedule.RateAt(0);
        }
        var result = (Optimizer)s_registry.TryCreate(own)!.MemberwiseClone();
        result.Set(options);
        return result;
    }

    private protected static double RateOf(ConfigReader reader, double orElse) =>
        reader.IsPart("learning_rate") ? orElse : reader.Number("learning_rate", orElse);

    private protected static double Share(double value, string name, double max = double.MaxValue) =>
        value >= 0 && value <= max
            ? value
            : throw new ArgumentOutOfRangeException(
                name,
                max == double.MaxValue
                    ? $"{name} is {value}; it must be a number of at least 0."
                    : $"{name} is {value}; it must be from 0 to {max}."
            );

    private static double? Positive(double? value, string name) =>
        value is null or > 0
            ? value
            : throw new ArgumentOutOfRangeException(name, $"{name} is {value}; it must be above 0.");
}
