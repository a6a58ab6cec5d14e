using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Lamina.Runs.Data;
using Lamina.Runs.Folder;
using Lamina.Runs.Transfer;

namespace Lamina.Runs.Training;

/// <summary>
/// Epochs of a run with a frozen trunk: its features of each image are computed once, and only the layers above are trained, on
/// them. The result is that of training the whole network, as nothing random happens in the trunk.
/// </summary>
internal sealed class FeaturePhase
{
    // What fits into memory beside everything else: 512 features of two views of 250,000 images are 1 GB.
    private const long MostBytes = 2L << 30;

    private readonly TrainSettings _settings;
    private readonly FrozenTrunk _trunk;
    private readonly double? _mirrored;
    private readonly RunObserver _observer;
    private readonly HeadFit? _fit;
    private readonly HiddenHeadFit? _hidden;
    private FeatureSet? _train;
    private FeatureSet? _validation;

    private FeaturePhase(
        TrainSettings settings,
        FrozenTrunk trunk,
        double? mirrored,
        DataSelection data,
        RunObserver observer,
        bool isHead
    )
    {
        (_settings, _trunk, _mirrored, _observer) = (settings, trunk, mirrored, observer);
        _fit = HeadFit.Of(trunk.Head);
        _fit?.Freeze();
        _hidden = HiddenHeadFit.Of(trunk.Head);
        _hidden?.Freeze();
        IsHead = isHead;
        var train = new FeatureBatches(
            new Lazy<FeatureSet>(() => _train!),
            data.Train.Count,
            settings.Batch,
            mirrored ?? 0,
            settings.Options.Seed
        );
        // Pairs of features are mixed as images would be. The head is fitted before, to features as they are.
        Train = isHead
            ? train
            : new RecipeBinding(Mixable(settings.Recipe, trunk)).Mixed(
                train,
                data.Classes.Count,
                settings.Options.Seed
            );
        Validation = new FeatureBatches(
            new Lazy<FeatureSet>(() => _validation!),
            data.Validation.Count,
            settings.Batch,
            0,
            seed: null
        );
    }

    /// <summary>The layers that are trained, as a network of their own.</summary>
    public Model Head => _trunk.Head;

    /// <summary>The training images' features.</summary>
    public IBatchSource Train { get; }

    /// <summary>The validation images' features.</summary>
    public IBatchSource Validation { get; }

    /// <summary><see langword="true"/> for the head alone; <see langword="false"/> for layers that fine-tuning unfroze, too.</summary>
    private bool IsHead { get; }

    /// <summary>Finds out whether a run can train on features.</summary>
    /// <param name="settings">The settings of the run.</param>
    /// <param name="model">The model, with the layers frozen that are frozen now.</param>
    /// <param name="data">The images.</param>
    /// <param name="observer">The observer of progress.</param>
    /// <param name="isHead"><see langword="true"/> if the layers of the run's first phase are trained.</param>
    /// <returns>
    /// <see langword="null"/> if no trunk is frozen, images are changed at random other than by mirroring them, or the features
    /// are too large.
    /// </returns>
    public static FeaturePhase? Of(
        TrainSettings settings,
        Model model,
        DataSelection data,
        RunObserver observer,
        bool isHead
    )
    {
        if (
            settings.Transfer is null
            || (settings.Recipe.Mixing is not null && !settings.Transfer.FineTune)
            || settings.Recipe.Augmentation.Count > 1
            || FrozenTrunk.Of(model) is not { } trunk
            || (trunk.Network.Outputs.Count > 1 && settings.Transfer.Features == TrunkFeatures.Last)
        )
        {
            return null;
        }
        double? mirrored = null;
        if (settings.Recipe.Augmentation is [var only])
        {
            if (Augmentation.FromJson(only) is not RandomFlip flip)
            {
                return null;
            }
            mirrored = flip.Probability;
        }
        long images = ((mirrored is null ? 1 : 2) * (long)data.Train.Count) + data.Validation.Count;
        long bytes = images * sizeof(float) * WidthOf(trunk);
        return bytes <= Math.Min(MostBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4)
            ? new FeaturePhase(settings, trunk, mirrored, data, observer, isHead)
            : null;
    }

    /// <summary>Computes the features, or reads those that are on disk.</summary>
    /// <returns><see langword="false"/> if it was canceled.</returns>
    public bool Prepare(
        RunRecord record,
        DataSelection data,
        RunLoaders loaders,
        Preprocessing preprocessing,
        CancellationToken cancellation
    )
    {
        // Features of the middle of a network are many, and of no use to other runs.
        string folder = IsHead
            ? Path.Combine(
                Path.GetDirectoryName(Path.GetFullPath(Path.TrimEndingDirectorySeparator(record.Folder.Root)))!,
                FeatureCache.FolderName
            )
            : record.Folder.Features;
        var cache = new FeatureCache(folder, _trunk.Network, _observer);
        DataLoader[] train =
        [
            loaders.Features(data.Train, preprocessing, isMirrored: false),
            .. _mirrored is null ? [] : new[] { loaders.Features(data.Train, preprocessing, isMirrored: true) },
        ];
        DataLoader validation = loaders.Features(data.Validation, preprocessing, isMirrored: false);
        cache.Begin((train.Length * data.Train.Count) + data.Validation.Count);
        _observer.OnMessage(
            FormattableString.Invariant(
                $"frozen layers: their {WidthOf(_trunk):N0} features of each image are computed once and kept in {folder}"
            )
        );
        try
        {
            string network = Key(preprocessing);
            _train = cache.Compute(Digest(network + record.FingerprintOf("train")), train, cancellation);
            string part = data.HasOwnValidation ? RunRecord.ValidationPart : "test";
            _validation = cache.Compute(Digest(network + record.FingerprintOf(part)), [validation], cancellation);
            if (IsHead)
            {
                int classes = data.Classes.Count;
                _observer.OnMessage(FeatureBaselines.Line(_train, _validation, classes, _settings.Options.Seed));
            }
            if (_hidden is not null)
            {
                _observer.OnMessage("fitting a head with a hidden layer to the features");
                _observer.OnMessage(_hidden.Fit(_train, _settings, cancellation));
            }
            if (_fit is not null)
            {
                _observer.OnMessage(_fit.Fit(_train, _settings.Options.Seed, cancellation));
                AtomicFile.WriteAllText(
                    record.Folder.HeadPenalty,
                    _fit.Penalty!.Value.ToString("R", CultureInfo.InvariantCulture)
                );
            }
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Restores what checkpoints do not contain, for a phase that is over.</summary>
    /// <exception cref="LaminaException">It is missing or damaged.</exception>
    public void Restore(RunFolder folder)
    {
        if (_fit is null)
        {
            return;
        }
        string? text = File.Exists(folder.HeadPenalty) ? File.ReadAllText(folder.HeadPenalty) : null;
        _fit.Penalty =
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double penalty) && penalty > 0
                ? penalty
                : throw new LaminaException(
                    $"{folder.HeadPenalty}: is missing or damaged. Restore it, or begin a new run."
                );
    }

    /// <summary>Puts the trained head's weights into the whole network, and freezes there what the fit froze.</summary>
    public void Finish() => _trunk.CopyBack();

    private static long WidthOf(FrozenTrunk trunk) => trunk.Network.Outputs.Sum(o => o.Shape.SampleCount);

    // Of vectors, no box can be cut out.
    private static Recipe Mixable(Recipe recipe, FrozenTrunk trunk) =>
        recipe.Mixing is null || trunk.Network.Outputs.Any(o => o.Shape.Rank == 4)
            ? recipe
            : recipe with
            {
                Mixing = (Mixing.FromJson(recipe.Mixing) with { CutMix = 0 }).ToJson(),
            };

    private string Key(Preprocessing preprocessing)
    {
        JsonObject json = new()
        {
            ["weights"] = _settings.Transfer!.Sha256,
            ["network"] = _trunk.Network.GetConfig(),
            ["preprocessing"] = preprocessing.ToJson(),
        };
        return json.ToJsonString();
    }

    private static string Digest(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
