using System.Text.Json.Nodes;
using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>
/// A rule that updates weights by their gradients, with options common to all rules: schedule, accumulation, clipping,
/// averages. For a custom rule, derive from this class, name its <see cref="SlotNames"/> and write
/// <see cref="Update"/> in ops.
/// </summary>
public abstract class Optimizer
{
    private static readonly Registry<Optimizer> s_registry = new();

    private static readonly (string Key, Func<ConfigReader, Optimizer> Read)[] s_rules =
    [
        (Sgd.Key, Sgd.Read),
        (Adam.Key, Adam.Read),
        (AdamW.Key, AdamW.Read),
        (Lars.Key, Lars.Read),
        (RmsProp.Key, RmsProp.Read),
        (Adagrad.Key, Adagrad.Read),
        (Adadelta.Key, Adadelta.Read),
        (Nadam.Key, Nadam.Read),
        (Adamax.Key, Adamax.Read),
        (Lion.Key, Lion.Read),
        (Lamb.Key, Lamb.Read),
    ];

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
    /// The step size, finite and at least 0. It may be changed between steps unless there is a <see cref="Schedule"/>,
    /// which sets it before each update.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 0 or not finite.</exception>
    /// <exception cref="LaminaException">The optimizer has a schedule.</exception>
    public double LearningRate
    {
        get => _learningRate;
        set
        {
            if (!double.IsFinite(value) || value < 0)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(value),
                    $"The learning rate is {value}. It must be at least 0."
                );
            }
            if (Schedule is { } schedule && value != _learningRate)
            {
                throw new LaminaException(
                    $"The learning rate follows the schedule {schedule.Name} and cannot be set. Remove the schedule, or do not set the rate."
                );
            }
            _learningRate = value;
        }
    }

    /// <summary>
    /// The rate as a function of the number of updates; <see langword="null"/> for a constant rate. Checkpoints need no
    /// state of it.
    /// </summary>
    public LearningRateSchedule? Schedule
    {
        get => Options.Schedule;
        init => Options = Options with { Schedule = value };
    }

    /// <summary>The factors on rate and decay of some weights; the first rule that matches a weight applies.</summary>
    public IReadOnlyList<WeightRule> Rules
    {
        get => Options.Rules;
        init => Options = Options with { Rules = [.. value] };
    }

    /// <summary>
    /// The number of batches per update, at least 1. Their gradients are averaged, as in Keras 3, so that N batches of
    /// m samples equal one of N·m. Accumulated gradients are kept across epochs and in checkpoints.
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
    /// The momentum m, in [0, 1], of a moving average of the trained weights: average ← m·average + (1 − m)·weight
    /// after each update; <see langword="null"/> for none. Averages start as the weights, like Keras 2's
    /// <c>ema_momentum</c>. <see cref="CompiledModel.SwapAverages"/> says which are in the model when.
    /// </summary>
    public double? EmaMomentum
    {
        get => Options.EmaMomentum;
        init => Options = Options with { EmaMomentum = value is { } m ? Share(m, nameof(EmaMomentum), 1) : null };
    }

    /// <summary>
    /// The maximum magnitude of a gradient's elements, above 0; larger elements are clipped, like Keras's
    /// <c>clipvalue</c>.
    /// </summary>
    public double? ClipValue
    {
        get => Options.ClipValue;
        init => Options = Options with { ClipValue = Positive(value, nameof(ClipValue)) };
    }

    /// <summary>
    /// The maximum Euclidean norm of a weight's gradient, above 0; a longer one is scaled down, like Keras's
    /// <c>clipnorm</c>. Applied after <see cref="ClipValue"/>.
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
    /// The names of the values that the rule keeps for each weight, initially zero. Checkpoints save them as
    /// <c>path/name</c>. Default: none.
    /// </summary>
    protected virtual IReadOnlyList<string> SlotNames => [];

    /// <summary>Returns a weight's new values and those of its slots, in ops.</summary>
    /// <param name="update">The weight, its gradient and slots, and the numbers of the update.</param>
    protected abstract UpdatedWeight Update(WeightUpdate update);

    /// <summary>
    /// Returns the optimizer's arguments, with Keras's keys where they exist; <see cref="FromConfig"/> reads them. A
    /// custom optimizer adds its arguments to those of the base: a resumed run compares them.
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

    /// <summary>Registers a custom optimizer, so that <see cref="FromConfig"/> reads its configs.</summary>
    /// <param name="name">The <c>name</c> in the config.</param>
    /// <param name="create">
    /// Creates the optimizer from its own keys and <c>learning_rate</c>, a number. Schedule, rules, accumulation, averages
    /// and clipping are set by <see cref="FromConfig"/>.
    /// </param>
    public static void Register(string name, Func<JsonObject, Optimizer> create) => s_registry.Add(name, create);

    /// <summary>
    /// Creates an optimizer from its config. Missing keys have the constructor's defaults; <c>learning_rate</c> is a
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
        string name = reader.Name([.. s_rules.Select(r => r.Key)]);
        return s_rules.First(r => r.Key == name).Read(reader);
    }

    /// <summary>Returns the optimizer with this Keras name, with its defaults.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static implicit operator Optimizer(string name) => FromName(name);

    /// <summary>Returns the optimizer with this Keras name, with its defaults: <c>"adam"</c>.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static Optimizer FromName(string name)
    {
        JsonObject config = new() { ["name"] = name };
        return s_registry.Knows(config) || s_rules.Any(r => r.Key == name)
            ? FromConfig(config)
            : throw new ArgumentException(
                $"'{name}' is not an optimizer. Use {string.Join(", ", s_rules.Select(r => r.Key))}.",
                nameof(name)
            );
    }

    /// <inheritdoc cref="SlotNames"/>
    internal IReadOnlyList<string> Slots => SlotNames;

    /// <inheritdoc cref="Update"/>
    internal UpdatedWeight InOps(WeightUpdate update) => Update(update);

    /// <summary>Returns <see langword="true"/> if a backend has a kernel of the rule; otherwise its ops are compiled.</summary>
    internal virtual bool HasKernel(UpdateKernels kernels) => false;

    /// <summary>
    /// <see langword="true"/> if the kernel also does the work of <see cref="WeightStep.Context"/> on backends that can.
    /// </summary>
    internal virtual bool IsFused => false;

    /// <summary>
    /// The number of tensors of a weight's size that exist at once beside weight, gradient and slots where the kernel is not
    /// one pass: what is computed, and what is kept of it.
    /// </summary>
    internal virtual int Temporaries => 2;

    /// <summary>
    /// <see langword="true"/> if the rule needs the complete final gradient before it updates an element.
    /// </summary>
    internal virtual bool MeasuresGradient => false;

    /// <summary>Updates one weight by the kernel of a backend.</summary>
    internal virtual void Run(in KernelUpdate update) => throw new NotSupportedException($"{Name} has no kernel.");

    /// <summary>Throws if a callback cannot set the rate.</summary>
    /// <exception cref="LaminaException">The optimizer has a schedule.</exception>
    internal void RequireSettableRate(string callback)
    {
        if (Schedule is { } schedule)
        {
            throw new LaminaException(
                $"{callback} sets the learning rate, which follows the optimizer's schedule {schedule.Name}. Remove one of the two."
            );
        }
    }

    /// <summary>Sets the rate of an update, if there is a schedule.</summary>
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
