using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Lamina.Runs;
using Lamina.Runs.Sources;
using Lamina.Runs.Training;
using Lamina.Runs.Transfer;

namespace Lamina.Cli;

/// <summary>The options for transfer learning.</summary>
internal sealed class TransferOptions
{
    private const int MostEpochs = 1_000_000;

    private const string Stages = "stages";
    private const string Last = "last";

    private readonly Option<string> _weights = new("--weights")
    {
        Description =
            "Starts from the weights of a run, a saved model, or a model file of any format. "
            + "The head is replaced if the classes differ. Default: random weights.",
        HelpName = "FILE",
    };
    private readonly Option<string> _pretrained = new("--pretrained")
    {
        Description =
            "Begins with a network that others trained, all frozen but a new head: "
            + $"{string.Join(", ", PretrainedNetwork.All.Select(n => n.Name))}; see 'alexnet pretrained'. --weights names its file "
            + "if it is elsewhere.",
        HelpName = "NAME",
    };
    private readonly Option<string[]> _freeze = new("--freeze")
    {
        Description =
            "Freezes layers: features (all before the dense layers), backbone (all but the head), names, "
            + "or patterns such as conv*, separated by commas. Default: none.",
        HelpName = "LAYERS",
        CustomParser = result => Names(result),
    };
    private readonly Option<int> _unfreeze = new("--unfreeze")
    {
        Description =
            "Trains frozen layers (except BatchNormalization) after N epochs, with a tenth of the learning rate. "
            + "Without N: trains the layers that the run of --weights froze, from the first epoch.",
        HelpName = "N",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = ParseEpochs,
    };
    private readonly Option<bool> _fineTune = new("--finetune")
    {
        Description =
            "Trains a new head, then the layers below it stage by stage from the top, with smaller learning rates further down "
            + "and early stopping.",
    };
    private readonly Option<double?> _unfreezeRate = NumberOption.RealOrNone(
        "--unfreeze-lr",
        "Sets the learning rate after --unfreeze N, or of --finetune. Default: a tenth of the rate before.",
        0,
        1000,
        false
    );

    private readonly Option<string> _preprocessing = new("--preprocessing")
    {
        Description =
            $"Sets how images become inputs of --weights: {string.Join(", ", SourceSettings.PreprocessingNames)}, or a JSON or "
            + "ONNX file. Default: from the weights, or guessed.",
        HelpName = "NAME",
    };

    private readonly Option<string> _features = new("--features")
    {
        Description =
            "Chooses what a new head on frozen layers reads: stages (averages of the outputs of all stages, and the last) or last "
            + "(the last layer's output). Default: stages.",
        HelpName = "NAME",
    };

    public TransferOptions()
    {
        _features.Accept(Stages, Last);
        _pretrained.CompletionSources.Add([.. PretrainedNetwork.All.Select(n => n.Name)]);
        _preprocessing.CompletionSources.Add(PathCompletions.With(SourceSettings.PreprocessingNames));
    }

    /// <summary>The options, in the order of the help.</summary>
    public IReadOnlyList<Option> All =>
        [_pretrained, _weights, _preprocessing, _freeze, _unfreeze, _unfreezeRate, _fineTune, _features];

    /// <summary>Refuses options that exclude each other.</summary>
    public void Guard(Command command) =>
        command.Validators.Add(result =>
        {
            bool isPretrained = result.GetResult(_pretrained) is { Implicit: false };
            bool hasWeights = isPretrained || result.GetResult(_weights) is { Implicit: false };
            bool unfreezes = result.GetResult(_unfreeze) is { Implicit: false };
            bool tunes = result.GetValue(_fineTune);
            if (tunes && (!hasWeights || unfreezes || result.GetResult(_freeze) is { Implicit: false }))
            {
                result.AddError(
                    hasWeights
                        ? $"{_fineTune.Name}: freezes and unfreezes layers by itself. Remove {_freeze.Name} and {_unfreeze.Name}."
                        : $"{_fineTune.Name}: requires {_pretrained.Name} or {_weights.Name}."
                );
            }
            else if (!hasWeights && (unfreezes || result.GetResult(_freeze) is { Implicit: false }))
            {
                string given = unfreezes ? _unfreeze.Name : _freeze.Name;
                result.AddError($"{given}: random weights cannot be frozen. Add --weights.");
            }
            else if (!hasWeights && result.GetResult(_preprocessing) is { Implicit: false })
            {
                result.AddError(
                    $"{_preprocessing.Name}: is the recipe's to say unless {_weights.Name} names a network."
                );
            }
            else if (
                result.GetResult(_features) is { Implicit: false }
                && !isPretrained
                && !tunes
                && (!hasWeights || result.GetValue(_freeze) is not [TransferLearning.Backbone])
            )
            {
                result.AddError(
                    $"{_features.Name}: requires {_pretrained.Name}, {_fineTune.Name} or {_freeze.Name} {TransferLearning.Backbone}."
                );
            }
            else if (result.GetResult(_unfreezeRate) is { Implicit: false } && !unfreezes && !tunes)
            {
                result.AddError($"{_unfreezeRate.Name}: requires {_unfreeze.Name} N or {_fineTune.Name}.");
            }
        });

    /// <summary>Reads the options, loads the weights, and adapts the recipe to them.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="recipe">The recipe options.</param>
    /// <param name="positional">The model if it is named in place of the folder.</param>
    /// <returns>The recipe and the weights; null where <c>--weights</c> is not given.</returns>
    /// <exception cref="LaminaException">The file cannot be read or does not fit.</exception>
    public (Recipe Recipe, StartingWeights? Weights) Read(ParseResult parsed, RecipeOptions recipe, string? positional)
    {
        if (parsed.GetValue(_pretrained) is { } name)
        {
            return ReadPretrained(parsed, recipe, name);
        }
        if (parsed.GetValue(_weights) is not { } path)
        {
            return (recipe.Read(parsed, positional), null);
        }
        if (!Path.Exists(path))
        {
            throw new LaminaException($"--weights: {path}: no such file or run folder.");
        }
        bool tunes = parsed.GetValue(_fineTune);
        bool unfreezes = parsed.GetResult(_unfreeze) is { Implicit: false };
        string[] freeze = tunes ? [TransferLearning.Backbone] : parsed.GetValue(_freeze) ?? [];
        // With features that are computed once, a recipe for whole networks is not what is wanted.
        Recipe? standard =
            tunes ? HeadRecipe.FineTuning()
            : freeze is [TransferLearning.Backbone] && !unfreezes ? HeadRecipe.Get()
            : null;
        string? zooModel = positional ?? recipe.ModelOf(parsed, !ModelFormats.Find(path).CanLoad);
        int? size = zooModel is null ? null : Zoo.Member(zooModel).InputSize;
        Recipe read = recipe.Read(parsed, zooModel ?? positional, size, standard: standard);
        int? after = unfreezes && parsed.GetValue(_unfreeze) is > 0 and var n ? n : null;
        var weights = new StartingWeights(path)
        {
            Model = zooModel,
            Freeze = freeze,
            FineTune = tunes,
            Unfreeze = unfreezes && after is null,
            UnfreezeAfter = after,
            UnfreezeRate = parsed.GetValue(_unfreezeRate),
            Preprocessing = parsed.GetValue(_preprocessing),
            Features = FeaturesOf(parsed),
        };
        SourceModel source = StartingPoint.Load(weights, read);
        if (zooModel is null)
        {
            int own = StartingPoint.InputOf(source.Model, path);
            read = recipe.Read(parsed, size: own, fixedSize: true, standard: standard);
            int channels = ChannelsOf(source.Model, parsed, recipe, read);
            read = read with { Channels = channels };
        }
        Check(weights, read);
        if (weights.Unfreeze && !recipe.SetsRate(parsed))
        {
            read = read.WithRate(read.Rate * StartingPoint.FineTuning);
        }
        return (read, weights with { Loaded = source });
    }

    private (Recipe Recipe, StartingWeights Weights) ReadPretrained(
        ParseResult parsed,
        RecipeOptions recipe,
        string name
    )
    {
        StartingWeights known = PretrainedNetwork.Get(name).Weights(parsed.GetValue(_weights));
        bool unfreezes = parsed.GetResult(_unfreeze) is { Implicit: false };
        var weights = known with
        {
            Freeze = parsed.GetValue(_freeze) is { Length: > 0 } freeze ? freeze : known.Freeze,
            Preprocessing = parsed.GetValue(_preprocessing) ?? known.Preprocessing,
            UnfreezeAfter = unfreezes && parsed.GetValue(_unfreeze) is > 0 and var n ? n : null,
            UnfreezeRate = parsed.GetValue(_unfreezeRate),
            FineTune = parsed.GetValue(_fineTune),
            Features = FeaturesOf(parsed),
        };
        Recipe head = weights.FineTune ? HeadRecipe.FineTuning() : HeadRecipe.Get();
        Recipe read = recipe.Read(parsed, weights.Model, head.Input, fixedSize: weights.Model is null, standard: head);
        SourceModel source = StartingPoint.Load(weights, read);
        if (weights.Model is null)
        {
            int own = StartingPoint.InputOf(source.Model, weights.Path);
            read = recipe.Read(parsed, size: own, fixedSize: true, standard: head);
            read = read with { Channels = ChannelsOf(source.Model, parsed, recipe, read) };
        }
        Check(weights, read);
        return (read, weights with { Loaded = source });
    }

    private static int ChannelsOf(Model model, ParseResult parsed, RecipeOptions recipe, Recipe read)
    {
        int channels = model.Inputs[0].Shape[3]!.Value;
        return read.Channels is { } asked && asked != channels && recipe.SetsChannels(parsed)
            ? throw new LaminaException(
                $"--channels: the network accepts images of {channels} channels and no others. Remove --channels."
            )
            : channels;
    }

    private TrunkFeatures FeaturesOf(ParseResult parsed) =>
        parsed.GetValue(_features) == Last ? TrunkFeatures.Last : TrunkFeatures.Stages;

    private static void Check(StartingWeights weights, Recipe recipe)
    {
        if (recipe.Images is null && weights.UnfreezeAfter >= recipe.Epochs)
        {
            throw new LaminaException(
                $"--unfreeze: {weights.UnfreezeAfter} is not less than --epochs ({recipe.Epochs}). Use fewer, or more --epochs."
            );
        }
        if (weights.Unfreeze && weights.UnfreezeRate is not null)
        {
            throw new LaminaException("--unfreeze-lr: requires --unfreeze N. Without N, use --lr.");
        }
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
