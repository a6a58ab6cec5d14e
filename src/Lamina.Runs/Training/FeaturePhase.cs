using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Lamina.Runs.Data;
using Lamina.Runs.Transfer;

namespace Lamina.Runs.Training;

/// <summary>
/// The first epochs of a run with a frozen trunk: its features of each image are computed once, and only the head is trained, on
/// them. The result is that of training the whole network, as nothing random happens before the head.
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
    private FeatureSet? _train;
    private FeatureSet? _validation;

    private FeaturePhase(
        TrainSettings settings,
        FrozenTrunk trunk,
        double? mirrored,
        DataSelection data,
        RunObserver observer
    )
    {
        (_settings, _trunk, _mirrored, _observer) = (settings, trunk, mirrored, observer);
        _fit = HeadFit.Of(trunk.Head);
        _fit?.Freeze();
        Train = new FeatureBatches(
            new Lazy<FeatureSet>(() => _train!),
            data.Train.Count,
            settings.Batch,
            mirrored ?? 0,
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

    /// <summary>Finds out whether a run can train on features.</summary>
    /// <returns>
    /// <see langword="null"/> if no trunk is frozen, images are changed at random other than by mirroring them, or the features
    /// are too large.
    /// </returns>
    public static FeaturePhase? Of(TrainSettings settings, Model model, DataSelection data, RunObserver observer)
    {
        if (
            settings.Transfer is null
            || settings.Recipe.Mixing is not null
            || settings.Recipe.Augmentation.Count > 1
            || FrozenTrunk.Of(model) is not { } trunk
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
        long bytes = images * sizeof(float) * trunk.Network.Outputs[0].Shape.SampleCount;
        return bytes <= Math.Min(MostBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4)
            ? new FeaturePhase(settings, trunk, mirrored, data, observer)
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
        string folder = Path.Combine(
            Path.GetDirectoryName(Path.GetFullPath(Path.TrimEndingDirectorySeparator(record.Folder.Root)))!,
            FeatureCache.FolderName
        );
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
                $"frozen layers: their {_trunk.Network.Outputs[0].Shape.SampleCount:N0} features of each image are computed once and kept in {folder}"
            )
        );
        try
        {
            string network = Key(preprocessing);
            _train = cache.Compute(Digest(network + record.FingerprintOf("train")), train, cancellation);
            string part = data.HasOwnValidation ? RunRecord.ValidationPart : "test";
            _validation = cache.Compute(Digest(network + record.FingerprintOf(part)), [validation], cancellation);
            int classes = data.Classes.Count;
            _observer.OnMessage(FeatureBaselines.Line(_train, _validation, classes, _settings.Options.Seed));
            if (_fit is not null)
            {
                _observer.OnMessage(_fit.Fit(_train, _settings.Options.Seed, cancellation));
            }
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Puts the trained head's weights into the whole network, and freezes there what the fit froze.</summary>
    public void Finish() => _trunk.CopyBack();

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
