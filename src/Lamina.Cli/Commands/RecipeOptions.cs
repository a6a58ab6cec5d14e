using System.CommandLine;
using System.Text.Json.Nodes;
using Lamina.Runs;
using Lamina.Runs.Sources;
using Lamina.Runs.Text;
using Lamina.Runs.Training;

namespace Lamina.Cli;

/// <summary>The options that select a recipe and override parts of it.</summary>
internal sealed class RecipeOptions
{
    private const int MostEpochs = 1_000_000;
    private const int MostImages = 1 << 20;

    private readonly Option<string> _recipe = Text(
        "--recipe",
        "NAME",
        $"Sets the recipe: {string.Join(", ", Recipe.Names)}, or a JSON file; see 'alexnet recipes'. Default: {TrainOptions.DefaultRecipe}."
    );
    private readonly Option<string> _model = Text(
        "--model",
        "NAME",
        $"Sets the model: {string.Join(", ", Zoo.Names)}. Default: from the recipe."
    );
    private readonly Option<int?> _input = NumberOption.WholeOrNone(
        "--input",
        "Sets the input height and width in pixels. Default: from the recipe.",
        1,
        SmallestInput.MaxInput
    );
    private readonly Option<int?> _channels = NumberOption.WholeOrNone(
        "--channels",
        "Sets the input channels: 1 for gray, 3 for color. Default: the model's own.",
        1,
        3
    );
    private readonly Option<double?> _dropout = ZooOption.Dropout();
    private readonly Option<int?> _epochs;
    private readonly Option<int?> _batch = NumberOption.WholeOrNone(
        "--batch",
        "Sets the number of images per update. Default: from the recipe.",
        1,
        MostImages
    );
    private readonly Option<int?> _microBatch = NumberOption.WholeOrNone(
        "--micro-batch",
        "Splits a batch into parts of this many images: less memory, same update. Default: the whole batch.",
        1,
        MostImages
    );
    private readonly Option<string> _optimizer = Text(
        "--optimizer",
        "NAME",
        "Sets the optimizer, with its own settings: sgd, adam, adamw or lars. Default: from the recipe."
    );
    private readonly Option<double?> _rate = NumberOption.RealOrNone(
        "--lr",
        "Sets the highest learning rate. Default: from the recipe.",
        0,
        1000,
        false
    );
    private readonly Option<double?> _momentum = NumberOption.RealOrNone(
        "--momentum",
        "Sets the momentum of sgd or lars, 0 to 1. Default: from the recipe.",
        0,
        1,
        true
    );
    private readonly AugmentationOptions _augmentation = new();

    /// <param name="epochs">The help of the option for epochs.</param>
    public RecipeOptions(string epochs = "Sets the number of epochs. Default: from the recipe.")
    {
        _epochs = NumberOption.WholeOrNone("--epochs", epochs, 1, MostEpochs);
        _optimizer.Accept(RecipeOptimizer.Names);
        _recipe.CompletionSources.Add(PathCompletions.With(Recipe.Names));
        _model.CompletionSources.Add([.. Zoo.Names]);
    }

    /// <summary>The option for the number of images per update.</summary>
    public Option<int?> Batch => _batch;

    /// <summary>The options, in the order of the help.</summary>
    public IReadOnlyList<Option> All =>
        [
            _recipe,
            _model,
            _input,
            _channels,
            _dropout,
            _epochs,
            _batch,
            _microBatch,
            _optimizer,
            _rate,
            _momentum,
            .. _augmentation.All,
        ];

    /// <summary>Returns the selected recipe with the other options applied.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">The model if the options select none; <see langword="null"/> for the recipe's.</param>
    /// <param name="size">
    /// The input size if neither the options nor a recipe that they select set it; <see langword="null"/> for the recipe's.
    /// </param>
    /// <param name="fixedSize"><see langword="true"/> if the model supports no other size.</param>
    /// <param name="standard">The recipe if the options select none; <see langword="null"/> for the default.</param>
    /// <exception cref="LaminaException">The recipe cannot be read, or an option does not fit it.</exception>
    public Recipe Read(
        ParseResult parsed,
        string? model = null,
        int? size = null,
        bool fixedSize = false,
        Recipe? standard = null
    )
    {
        Recipe recipe = standard is null || parsed.GetValue(_recipe) is not null ? Named(parsed) : standard;
        if ((parsed.GetValue(_model) ?? model) is { } chosen)
        {
            recipe = recipe with { Model = Known(chosen) };
        }
        if (fixedSize && parsed.GetValue(_input) is { } other && other != size)
        {
            throw new LaminaException(
                $"--input: the model of --weights accepts {size}×{size} pixels only. Remove --input."
            );
        }
        if (size is { } own && (fixedSize || parsed.GetValue(_recipe) is null))
        {
            recipe = RecipeSize.At(recipe, own);
        }
        if (parsed.GetValue(_channels) == 2)
        {
            throw new LaminaException("--channels: must be 1 (gray) or 3 (color).");
        }
        if (!fixedSize)
        {
            SmallestInput.Require(recipe.Model, parsed.GetValue(_input));
        }
        int least = fixedSize ? 1 : Zoo.Member(recipe.Model).MinInputSize;
        if ((parsed.GetValue(_input) ?? (recipe.Input < least ? least : null)) is { } input)
        {
            recipe = RecipeSize.At(recipe, input);
        }
        int batch = parsed.GetValue(_batch) ?? recipe.Batch;
        recipe = _augmentation.Apply(parsed, recipe) with
        {
            Channels = parsed.GetValue(_channels) ?? recipe.Channels,
            Dropout = parsed.GetValue(_dropout) ?? recipe.Dropout,
            Epochs = parsed.GetValue(_epochs) ?? recipe.Epochs,
            Images = parsed.GetValue(_epochs) is null ? recipe.Images : null,
            Batch = batch,
            MicroBatch =
                parsed.GetValue(_microBatch)
                ?? (parsed.GetValue(_batch) is { } changed && changed <= recipe.MicroBatch ? null : recipe.MicroBatch),
            Optimizer = Optimizer(parsed, recipe.Optimizer),
        };
        if (recipe.MicroBatch is { } micro && batch % micro != 0)
        {
            throw new LaminaException(
                $"--batch: {batch} is not a multiple of --micro-batch {micro}. Change one of them."
            );
        }
        return recipe;
    }

    /// <summary>Returns the model name that the options select; <see langword="null"/> if they select none.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="orRecipes"><see langword="true"/> to fall back to the model of the recipe that they select.</param>
    public string? ModelOf(ParseResult parsed, bool orRecipes) =>
        parsed.GetValue(_model) is { } name ? Known(name)
        : orRecipes && parsed.GetValue(_recipe) is not null ? Named(parsed).Model
        : null;

    /// <summary>Returns the epochs that the options set; <see langword="null"/> if they set none.</summary>
    public int? Epochs(ParseResult parsed) => parsed.GetValue(_epochs);

    /// <summary>Returns <see langword="true"/> if the options set a learning rate.</summary>
    public bool SetsRate(ParseResult parsed) => parsed.GetValue(_rate) is not null;

    /// <summary>Returns <see langword="true"/> if the options set the number of channels.</summary>
    public bool SetsChannels(ParseResult parsed) => parsed.GetValue(_channels) is not null;

    private static string Known(string model) =>
        Zoo.Names.Contains(model) ? model
        : Path.Exists(model)
            ? throw new LaminaException(
                $"--model: '{model}' is a file or folder. To start from its weights, use --weights {ShellWords.Quote(model)}"
            )
        : throw ModelArgument.Unknown(model);

    private Recipe Named(ParseResult parsed)
    {
        string name = parsed.GetValue(_recipe) ?? TrainOptions.DefaultRecipe;
        return Recipe.Names.Contains(name) ? Recipe.Get(name) : ReadFile(name);
    }

    private static Recipe ReadFile(string path)
    {
        if (!File.Exists(path))
        {
            throw new LaminaException(
                $"--recipe: '{path}' is not a recipe ({string.Join(", ", Recipe.Names)}) or an existing file."
            );
        }
        try
        {
            return Recipe.FromJson(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{path}: cannot be read ({OneLine.Of(e.Message)})", e);
        }
    }

    private JsonObject Optimizer(ParseResult parsed, JsonObject recipes)
    {
        JsonObject config = parsed.GetValue(_optimizer) is { } name
            ? RecipeOptimizer.Of(name, recipes)
            : recipes.DeepClone().AsObject();
        if (parsed.GetValue(_rate) is { } rate)
        {
            config["learning_rate"] = rate;
        }
        if (parsed.GetValue(_momentum) is { } momentum)
        {
            config["momentum"] = (string?)config["name"] is "sgd" or "lars"
                ? momentum
                : throw new LaminaException($"--momentum: {config["name"]} has no momentum. Use sgd or lars.");
        }
        return config;
    }

    private static Option<string> Text(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value };
}
