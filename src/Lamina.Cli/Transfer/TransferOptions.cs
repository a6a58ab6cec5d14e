using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Lamina.Cli;

/// <summary>The options of training from another training's weights.</summary>
internal sealed class TransferOptions
{
    private const int MostEpochs = 1_000_000;

    /// <summary>By how much smaller the learning rate is that fine-tunes weights that are good already.</summary>
    private const double Smaller = 0.1;

    private readonly Option<string> _weights = new("--weights")
    {
        Description =
            "Begins with these weights: a run, a saved model, a file of any format that 'alexnet inspect' tells. "
            + "The head is made anew where the classes are others. Standard input size: the weights'.",
        HelpName = "FILE",
    };
    private readonly Option<string[]> _freeze = new("--freeze")
    {
        Description =
            "Layers that are not trained: features (all up to the dense ones), backbone (all but the head), names, "
            + "or patterns such as conv*; several with commas.",
        HelpName = "LAYERS",
        CustomParser = result => Names(result),
    };
    private readonly Option<int> _unfreeze = new("--unfreeze")
    {
        Description =
            "After N epochs, trains the frozen layers too (but BatchNormalization) with a tenth of the learning rate. "
            + "Without N: from the first epoch, layers that were frozen in the run of --weights.",
        HelpName = "N",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = ParseEpochs,
    };
    private readonly Option<double?> _unfreezeRate = NumberOption.RealOrNone(
        "--unfreeze-lr",
        "The learning rate after --unfreeze N. Standard: a tenth of the one before.",
        0,
        1000,
        false
    );

    /// <summary>The options, in the order of the help.</summary>
    public IReadOnlyList<Option> All => [_weights, _freeze, _unfreeze, _unfreezeRate];

    /// <summary>Refuses what makes no sense together.</summary>
    public void Guard(Command command) =>
        command.Validators.Add(result =>
        {
            bool hasWeights = result.GetResult(_weights) is { Implicit: false };
            bool unfreezes = result.GetResult(_unfreeze) is { Implicit: false };
            if (!hasWeights && (unfreezes || result.GetResult(_freeze) is { Implicit: false }))
            {
                string given = unfreezes ? _unfreeze.Name : _freeze.Name;
                result.AddError(
                    $"{given}: weights that were drawn at random must all be trained. Name some with --weights."
                );
            }
            else if (result.GetResult(_unfreezeRate) is { Implicit: false } && !unfreezes)
            {
                result.AddError($"{_unfreezeRate.Name}: say after how many epochs, with {_unfreeze.Name} N.");
            }
        });

    /// <summary>Loads what the training begins from, and fits the recipe to it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="recipe">The options of the recipe.</param>
    /// <param name="positional">The model if it stands in the folder's place.</param>
    /// <returns>The recipe, the settings, and the model; nulls where <c>--weights</c> is not given.</returns>
    /// <exception cref="LaminaException">The file cannot be read or does not fit.</exception>
    public (Recipe Recipe, TransferSettings? Transfer, SourceModel? Source) Read(
        ParseResult parsed,
        RecipeOptions recipe,
        string? positional
    )
    {
        if (parsed.GetValue(_weights) is not { } path)
        {
            return (recipe.Read(parsed, positional), null, null);
        }
        if (!Path.Exists(path))
        {
            throw new LaminaException($"--weights: {path}: there is no such file or run.");
        }
        string? zooModel = positional ?? recipe.ModelOf(parsed, !ModelFormats.Find(path).CanLoad);
        Recipe read = recipe.Read(parsed, positional);
        if (zooModel is not null)
        {
            read = recipe.Read(parsed, zooModel, Zoo.Member(zooModel).InputSize);
        }
        var source = SourceModel.Load(
            path,
            zooModel,
            new ZooOptions
            {
                InputSize = read.Input,
                Channels = read.Channels,
                Dropout = read.Dropout,
            }
        );
        if (zooModel is null)
        {
            int size = InputOf(source.Model, path);
            read = recipe.Read(parsed, size: size, fixedSize: true) with { Channels = source.Model.Inputs[0].Shape[3] };
        }
        bool unfreezes = parsed.GetResult(_unfreeze) is { Implicit: false };
        int? after = unfreezes && parsed.GetValue(_unfreeze) is > 0 and var n ? n : null;
        if (after >= read.Epochs)
        {
            throw new LaminaException(
                $"--unfreeze: {after} epochs are all that --epochs gives ({read.Epochs}). Use fewer, or more --epochs."
            );
        }
        if (unfreezes && after is null && parsed.GetValue(_unfreezeRate) is not null)
        {
            throw new LaminaException("--unfreeze-lr: goes with --unfreeze N; without N the rate is --lr.");
        }
        if (unfreezes && after is null && !recipe.SetsRate(parsed))
        {
            read = read.WithRate(read.Rate * Smaller);
        }
        double? rate = after is null ? null : parsed.GetValue(_unfreezeRate) ?? (read.Rate * Smaller);
        var transfer = new TransferSettings(
            Path.GetFullPath(path),
            TransferSettings.ChecksumOf(path),
            zooModel,
            NameOf(path),
            parsed.GetValue(_freeze) ?? [],
            unfreezes && after is null,
            after,
            rate,
            Fitted(source)
        );
        return (read, transfer, source);
    }

    private static int InputOf(Model model, string path) =>
        model.Inputs is [{ Shape: { Rank: 4 } shape }]
        && shape[1] is { } height
        && shape[2] == height
        && shape[3] is 1 or 3
            ? height
            : throw new LaminaException(
                $"{path}: the model takes {string.Join(", ", model.Inputs.Select(i => i.Shape))}; training takes square images, (None, size, size, 1 or 3)."
            );

    // A network that was trained at one size may be trained further at another, where its layers allow that.
    private static Preprocessing? Fitted(SourceModel source)
    {
        int?[] shape = [.. source.Model.Inputs[0].Shape];
        (int height, int width) = (shape[1]!.Value, shape[2]!.Value);
        if (
            source.Preprocessing is not { } preprocessing
            || preprocessing.Channels != shape[3]
            || (preprocessing.Height, preprocessing.Width) == (height, width)
        )
        {
            return source.Preprocessing is { } same && same.Channels == shape[3] ? same : null;
        }
        return preprocessing.MeanImage is not null
            ? null
            : preprocessing with
            {
                Height = height,
                Width = width,
                ShortSide = preprocessing.ShortSide is { } side
                    ? (int)Math.Round((double)side * height / preprocessing.Height, MidpointRounding.AwayFromZero)
                    : null,
            };
    }

    private static string NameOf(string path)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        return name.Length > 0 ? Path.GetFileNameWithoutExtension(name) : "model";
    }

    private static string[] Names(ArgumentResult result) =>
        [.. result.Tokens.SelectMany(t => t.Value.Split(',')).Select(n => n.Trim()).Where(n => n.Length > 0)];

    private static int ParseEpochs(ArgumentResult result)
    {
        if (result.Tokens.Count == 0)
        {
            return 0;
        }
        string text = result.Tokens[0].Value;
        if (
            !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int epochs)
            || epochs is < 1 or > MostEpochs
        )
        {
            result.AddError($"--unfreeze: '{text}' is not a whole number from 1 to {MostEpochs}.");
        }
        return epochs;
    }
}
