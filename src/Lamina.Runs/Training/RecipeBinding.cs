using System.Globalization;
using System.Text.Json.Nodes;
using Lamina.Runs.Results;
using Lamina.Runs.Text;

namespace Lamina.Runs.Training;

/// <summary>A recipe bound to data: model, preprocessing, optimizer, loss, callbacks.</summary>
internal sealed class RecipeBinding(Recipe recipe)
{
    private readonly Optimizer _plain = PlainOf(recipe);
    private readonly Augmentation[] _augmentations =
    [
        .. recipe.Augmentation.Select(a => Named(recipe, () => Augmentation.FromJson(a))),
    ];

    private readonly Mixing _mixing = recipe.Mixing is { } mixing
        ? Named(recipe, () => Mixing.FromJson(mixing))
        : new Mixing();

    /// <summary>The rate that the recipe names: the highest of its schedule.</summary>
    public double LearningRate => _plain.LearningRate;

    /// <summary>The number of micro-batches (<see cref="Recipe.MicroBatch"/>) per update.</summary>
    public int Accumulation => recipe.Batch / (recipe.MicroBatch ?? recipe.Batch);

    /// <summary>Builds the model, with the recipe's initializer if it has one.</summary>
    public Model NewModel(int classes)
    {
        Model model = Zoo.Build(
            recipe.Model,
            new ZooOptions
            {
                Classes = classes,
                InputSize = recipe.Input,
                Channels = recipe.Channels,
                Dropout = recipe.Dropout,
            }
        );
        if (recipe.Initializer is { } name)
        {
            Initializer kernels = Named(recipe, () => (Initializer)name);
            foreach (Weight weight in model.Weights)
            {
                if (weight.Name is "kernel" or "bias")
                {
                    weight.Initialize(weight.Name == "kernel" ? kernels : "zeros");
                }
            }
        }
        return model;
    }

    /// <summary><see langword="true"/> if the means and deviations of the training set are needed before training.</summary>
    public bool NeedsStatistics =>
        recipe.Preprocessing.Mean is RecipeStatistic.PerChannel or RecipeStatistic.PerPixel
        || recipe.Preprocessing.Std is RecipeStatistic.PerChannel
        || _augmentations.Any(a => a.NeedsStatistics);

    /// <summary>The preprocessing before any statistics: what they are taken with.</summary>
    public Preprocessing Plain(Model model)
    {
        int?[] input = [.. model.Inputs[0].Shape];
        return new Preprocessing
        {
            Height = input[1]!.Value,
            Width = input[2]!.Value,
            Channels = input[3]!.Value,
            ShortSide = recipe.Preprocessing.ShortSide,
            Scale = recipe.Preprocessing.Scale,
        };
    }

    /// <summary>The preprocessing with means and deviations, given or of the training set.</summary>
    public Preprocessing Preprocessing(Preprocessing plain, DatasetStatistics? statistics)
    {
        Preprocessing result = plain;
        RecipePreprocessing wanted = recipe.Preprocessing;
        result = wanted.Mean switch
        {
            RecipeStatistic.Given => result with { Mean = Fit(wanted.Means, plain.Channels) },
            RecipeStatistic.PerChannel => result with { Mean = statistics!.Mean },
            RecipeStatistic.PerPixel => result with { MeanImage = statistics!.MeanImage },
            _ => result,
        };
        return wanted.Std switch
        {
            RecipeStatistic.Given => result with { Std = Fit(wanted.Stds, plain.Channels) },
            RecipeStatistic.PerChannel => result with { Std = [.. statistics!.Std.Select(s => s > 0 ? s : 1)] },
            _ => result,
        };
    }

    /// <summary>The augmentations, ready for use.</summary>
    public IReadOnlyList<Augmentation> Augmentations(DatasetStatistics? statistics) =>
        statistics is null ? _augmentations : [.. _augmentations.Select(a => a.With(statistics))];

    /// <summary>Returns the training batches, mixed in pairs if the recipe says so.</summary>
    /// <param name="train">The batches.</param>
    /// <param name="classes">The number of classes; a single one leaves nothing to mix.</param>
    /// <param name="seed">The run's seed.</param>
    public IBatchSource Mixed(IBatchSource train, int classes, long seed) =>
        _mixing.IsOn && classes > 1 ? new MixedBatches(train, _mixing, classes, seed) { ReuseBuffers = true } : train;

    /// <summary>The optimizer with the recipe's schedule over a training set.</summary>
    /// <param name="images">The images of an epoch.</param>
    /// <param name="keeps">Tells which of the recipe's rules for weights to keep; null for all.</param>
    public Optimizer NewOptimizer(int images, Func<WeightRule, bool>? keeps = null)
    {
        JsonObject config = recipe.Optimizer.DeepClone().AsObject();
        if (Accumulation > 1)
        {
            config["gradient_accumulation_steps"] = Accumulation;
        }
        if (Schedule(images) is { } schedule)
        {
            config["learning_rate"] = schedule.GetConfig();
        }
        if (keeps is not null && config["rules"] is JsonArray)
        {
            IReadOnlyList<WeightRule> rules = OptimizerOf(recipe, config).Rules;
            config["rules"] = new JsonArray([
                .. rules.Zip(config["rules"]!.AsArray()).Where(r => keeps(r.First)).Select(r => r.Second!.DeepClone()),
            ]);
        }
        return OptimizerOf(recipe, config);
    }

    /// <summary>Creates the training loss for a model that ends in a softmax, or in logits.</summary>
    public Loss NewLoss(Model model) =>
        new SparseCategoricalCrossentropy(
            fromLogits: !Classifier.EndsInSoftmax(model),
            labelSmoothing: recipe.LabelSmoothing
        );

    /// <summary>Creates the validation loss: the one that <see cref="Evaluation"/> reports.</summary>
    public static Loss NewValidationLoss(Model model) =>
        new SparseCategoricalCrossentropy(fromLogits: !Classifier.EndsInSoftmax(model));

    /// <summary>The callbacks that the recipe itself asks for.</summary>
    public IReadOnlyList<Callback> NewCallbacks() =>
        recipe.Schedule is { Name: "plateau" } plateau
            ?
            [
                new ReduceLROnPlateau(
                    plateau.Monitor,
                    factor: plateau.Factor,
                    patience: plateau.Patience,
                    maxReductions: plateau.Reductions
                ),
            ]
            : [];

    /// <summary>The training in words, for the line that announces it.</summary>
    public string Text
    {
        get
        {
            string batch =
                Accumulation > 1 ? $"{recipe.Batch} ({Accumulation} of {recipe.MicroBatch})" : $"{recipe.Batch}";
            string falling = recipe.Schedule.Name switch
            {
                "constant" => "",
                "plateau" => " falling on plateaus",
                "step" => " falling in steps",
                var name => $" falling by a {(name == "cosine" ? name : "polynomial")}",
            };
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{recipe.Epochs} {(recipe.Epochs == 1 ? "epoch" : "epochs")} of batches of {batch}, {_plain.Name}, learning rate {LearningRate}{falling}"
            );
        }
    }

    private LearningRateSchedule? Schedule(int images)
    {
        RecipeSchedule schedule = recipe.Schedule;
        double perEpoch = Math.Ceiling((double)images / (recipe.MicroBatch ?? recipe.Batch)) / Accumulation;
        long warmup = (long)(schedule.WarmupEpochs * perEpoch);
        long steps = Math.Max(1, (long)(perEpoch * recipe.Epochs) - warmup);
        double rate = LearningRate;
        LearningRateSchedule? falling = schedule.Name switch
        {
            "step" => new ExponentialDecay(
                rate,
                Math.Max(1, (long)Math.Round(perEpoch * schedule.EveryEpochs)),
                schedule.Factor,
                staircase: true
            ),
            "cosine" => new CosineDecay(rate, steps),
            "polynomial" => new PolynomialDecay(rate, steps, endLearningRate: 0, schedule.Power),
            "constant" when warmup > 0 => new ExponentialDecay(rate, 1, 1),
            _ => null,
        };
        return falling is not null && warmup > 0 ? new WarmUp(falling, warmup) : falling;
    }

    /// <summary>Returns the numbers for the channels of the model; a gray model uses the mean over the colors.</summary>
    private IReadOnlyList<double> Fit(IReadOnlyList<double> numbers, int channels) =>
        numbers.Count == 1 || numbers.Count == channels ? numbers
        : channels == 1 ? [numbers.Average()]
        : throw new ConfigException(
            $"{recipe.Name}: the recipe has {numbers.Count} means or deviations for {channels} channels."
        );

    /// <summary>The optimizer at the rate that the recipe names, on which its schedule is built.</summary>
    private static Optimizer PlainOf(Recipe recipe) =>
        recipe.Optimizer["learning_rate"] is JsonObject
            ? throw new ConfigException(
                $"recipe {recipe.Name}: 'optimizer.learning_rate' must be a number; what it does over time is the recipe's 'schedule'."
            )
            : OptimizerOf(recipe, recipe.Optimizer);

    private static Optimizer OptimizerOf(Recipe recipe, JsonObject config) =>
        Named(recipe, () => Optimizer.FromConfig(config));

    // Parts are read by what they describe; its errors do not know the recipe.
    private static T Named<T>(Recipe recipe, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is ConfigException or ArgumentException)
        {
            throw new ConfigException($"recipe {recipe.Name}: {OneLine.Of(e.Message)}");
        }
    }
}
