using Lamina.Runs.Sources;
using Lamina.Runs.Text;

namespace Lamina.Runs.Training;

/// <summary>Makes the model of a training that begins from another's weights: its head for the data's classes, layers frozen.</summary>
/// <param name="transfer">The weights to start from, and their use.</param>
/// <param name="recipe">The recipe, which builds the model if it is one of the zoo.</param>
internal sealed class StartingModel(TransferSettings transfer, Recipe recipe)
{
    private const int MostNamed = 12;

    // A hidden layer finds what no sum of features tells, but needs examples of it.
    private const int HiddenUnits = 512;
    private const int LeastForHidden = 400;
    private const double FeatureDropout = 0.2;
    private string? _head;

    /// <summary>Makes it.</summary>
    /// <param name="classes">The data's classes.</param>
    /// <param name="images">The number of training images.</param>
    /// <param name="isResumed"><see langword="true"/> if a run that began with these weights is resumed.</param>
    /// <exception cref="LaminaException">The weights cannot be read, nothing would be trained, or a layer is not known.</exception>
    public Model Build(IReadOnlyList<string> classes, int images, bool isResumed)
    {
        if (isResumed)
        {
            transfer.RequireSame();
        }
        SourceModel from = transfer.Loaded ?? Load();
        Model model = from.Model;
        if (transfer.Thaw && model.Unfreeze() is [])
        {
            throw new LaminaException(
                $"{transfer.Weights}: nothing is frozen, so nothing can be unfrozen. Leave that out, or say after how many epochs and what to freeze until then."
            );
        }
        if (model.Weights.Count == 0)
        {
            throw new LaminaException(
                $"{transfer.Weights}: the network has no weights, so it has nothing to start from. Name a network that was trained."
            );
        }
        var trunk = ModelTrunk.Of(model);
        if (trunk.Head is Dense && transfer.Pretrained is null && !(IsFrozenTrunk && IsNew(model, from, classes)))
        {
            model = WithDense(model, from, classes);
            model.Freeze(transfer.Freeze);
        }
        else
        {
            if (transfer.Features == TrunkFeatures.Stages && (IsFrozenTrunk || transfer.Pretrained is not null))
            {
                trunk = trunk.WithStages();
            }
            int hidden = IsFrozenTrunk && images >= LeastForHidden ? HiddenUnits : 0;
            double dropout =
                recipe.Dropout is { } own and > 0 ? own
                : hidden > 0 ? FeatureDropout
                : 0;
            model = trunk.WithHead(classes.Count, dropout, hidden: hidden);
            string dropped = dropout > 0 ? FormattableString.Invariant($"dropout {dropout}, ") : "";
            string between = hidden > 0 ? $"hidden layer of {hidden}, " : "";
            string lower = trunk.Sources.Count > 1 ? $" and {trunk.Sources.Count - 1} layers below it" : "";
            _head =
                $"{trunk.FeatureCount} features of {trunk.Last.Name}{lower}, head new: batch normalization, {dropped}{between}{classes.Count} classes";
            Freeze(model, trunk);
        }
        if (model.TrainableWeights.Count == 0)
        {
            throw new LaminaException("freeze: every layer would be frozen. Leave at least the head to be trained.");
        }
        if (transfer.UnfreezeAfter is not null && !model.Layers.Any(l => !l.Trainable && l.Weights.Count > 0))
        {
            throw new LaminaException("unfreeze: nothing is frozen. Name layers to freeze, or leave unfreezing out.");
        }
        return model;
    }

    private bool IsFrozenTrunk => transfer.Freeze is [TransferLearning.Backbone];

    private static bool IsNew(Model model, SourceModel from, IReadOnlyList<string> classes) =>
        model.Head.Units != classes.Count || !(from.Classes?.SequenceEqual(classes) ?? true);

    private Model WithDense(Model model, SourceModel from, IReadOnlyList<string> classes)
    {
        Dense old = model.Head;
        bool fits = !IsNew(model, from, classes);
        _head = fits
            ? $"head {old.Name} kept: {classes.Count} classes"
            : $"head {old.Name} new: {classes.Count} classes in place of {old.Units}";
        return fits ? model : model.WithHead(classes.Count);
    }

    // The head is several layers, of which the names for groups of layers must stand for none.
    private void Freeze(Model model, ModelTrunk trunk)
    {
        foreach (string pattern in transfer.Freeze)
        {
            if (pattern is TransferLearning.Features or TransferLearning.Backbone)
            {
                trunk.Network.Layers.ToList().ForEach(l => l.Trainable = false);
            }
            else
            {
                model.Freeze(pattern);
            }
        }
    }

    /// <summary>Returns lines that describe how the weights were used.</summary>
    public IEnumerable<string> Lines(Model model)
    {
        if (transfer.Pretrained is { } name)
        {
            yield return OneLine.Of($"pretrained {name}, license {transfer.License}");
        }
        yield return OneLine.Of($"weights {transfer.Weights}{(_head is null ? "" : $", {_head}")}");
        if (transfer.Preprocessing is { } images)
        {
            string mean = images.MeanImage is null ? $"mean {Numbers(images.Mean)}" : "their mean image";
            string order = images.ChannelOrder == ChannelOrder.Bgr ? "blue first, " : "";
            yield return $"images prepared as for the weights: {order}{mean}, deviation {Numbers(images.Std)}";
        }
        List<string> frozen = [.. model.Layers.Where(l => !l.Trainable && l.Weights.Count > 0).Select(l => l.Name)];
        if (frozen.Count > 0)
        {
            string more = frozen.Count > MostNamed ? $" and {frozen.Count - MostNamed} more" : "";
            string until =
                transfer.FineTune ? " at first"
                : transfer.UnfreezeAfter is { } epochs ? FormattableString.Invariant($" for {epochs} epochs")
                : "";
            yield return OneLine.Of(
                $"frozen{until}: {string.Join(", ", frozen.Take(MostNamed))}{more}; "
                    + FormattableString.Invariant(
                        $"{model.TrainableWeights.Sum(w => w.Count):N0} parameters are trained"
                    )
            );
        }
    }

    private static string Numbers(IReadOnlyList<double> values) =>
        string.Join(", ", values.Select(v => v.ToString("G4", System.Globalization.CultureInfo.InvariantCulture)));

    private SourceModel Load() =>
        SourceModel.Load(
            transfer.Weights,
            transfer.Model,
            new ZooOptions
            {
                InputSize = recipe.Input,
                Channels = recipe.Channels,
                Dropout = transfer.Pretrained is null ? recipe.Dropout : 0,
            }
        );
}
