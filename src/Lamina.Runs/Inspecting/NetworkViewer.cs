using Lamina.Inspect;
using Lamina.Runs.Inspecting;
using Lamina.Runs.Results;

namespace Lamina.Runs;

/// <summary>
/// Shows how a network sees an image: the regions that speak for a class, the outputs of its layers, and the training images
/// nearest to it. It computes with a copy of the network, so that others can use the original meanwhile.
/// </summary>
/// <remarks>An instance belongs to one thread.</remarks>
public sealed class NetworkViewer : IDisposable
{
    private const int NeighborPixels = 128;
    private readonly IReadOnlyList<string> _classes;
    private readonly Attributor _attributor;
    private readonly LayerActivations _activations;
    private readonly PixelRange _range;
    private readonly bool _hasMaps;
    private readonly Func<RunNeighbors>? _openNeighbors;
    private RunNeighbors? _neighbors;

    /// <summary>Copies a network.</summary>
    /// <param name="model">A model from images (N, height, width, channels) to scores (N, classes).</param>
    /// <param name="classes">The names of the classes, in the order of the outputs.</param>
    /// <param name="preprocessing">The preprocessing of images.</param>
    /// <exception cref="LaminaException">The model has other inputs or outputs, or cannot be copied.</exception>
    public NetworkViewer(Model model, IReadOnlyList<string> classes, Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(preprocessing);
        // Names of layers are as in the original, whatever this process has built.
        Model copy;
        using (Session.BeginScope())
        {
            copy = model.Clone();
        }
        _classes = classes;
        _attributor = new Attributor(copy);
        _activations = new LayerActivations(copy);
        _range = new PixelRange(preprocessing);
        _hasMaps = HasMaps(_attributor);
    }

    private NetworkViewer(RunClassifier classifier)
        : this(classifier.Model, classifier.Info.Classes, classifier.Info.Preprocessing)
    {
        if (classifier.Info.Data is not null)
        {
            _openNeighbors = () =>
                new RunNeighbors(RunClassifier.Of(classifier.Path, _attributor.Model, classifier.Info));
        }
    }

    /// <summary>Copies the network of a classifier, which the caller disposes.</summary>
    /// <exception cref="LaminaException">The classifier is quantized.</exception>
    public static NetworkViewer Of(RunClassifier classifier)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        return classifier.IsQuantized
            ? throw new LaminaException("a quantized network has no gradients. Use the float32 network.")
            : new NetworkViewer(classifier);
    }

    /// <summary>Shows how the network sees an image.</summary>
    /// <param name="image">(1, height, width, channels), as <c>Images.Load</c> returns it with the preprocessing.</param>
    /// <param name="class">The class to explain. Default: <see langword="null"/>, the most probable.</param>
    /// <exception cref="LaminaException">There is no such class.</exception>
    public NetworkView View(NDArray image, int? @class = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        float[] probabilities = _attributor.Probabilities(image).Values.ToArray();
        int explained = @class ?? Classifier.ArgMax<float>(probabilities);
        if (explained < 0 || explained >= probabilities.Length)
        {
            throw new LaminaException($"there is no class {explained}: the network has {probabilities.Length}.");
        }
        SheetTile input = _range.ToTile(image);
        PictureSheet sheet = ActivationSheet.Of("", _activations.Of(image), input, isDark: false);
        return new NetworkView(
            new ClassScore(explained, explained < _classes.Count ? _classes[explained] : "", probabilities[explained]),
            ViewPictures.Of(input),
            _hasMaps ? ViewPictures.Of(_attributor.GradCam(image, explained).ToHeat()) : null,
            // The first row is the input.
            [.. sheet.Rows.Skip(1).Select(r => new LayerView(r.Title, r.Note, [.. r.Tiles.Select(ViewPictures.Of)]))]
        );
    }

    /// <summary>Returns why there are no neighbors; <see langword="null"/> if there are.</summary>
    /// <remarks>The features of the training images are never computed here, which may take hours.</remarks>
    public string? WhyNoNeighbors(CancellationToken cancellation = default)
    {
        if (_openNeighbors is null)
        {
            return "The network is not from a run, so its training images are unknown.";
        }
        try
        {
            _neighbors ??= _openNeighbors();
            return _neighbors.HasFeatures(cancellation)
                ? null
                : "The features of the training images are not computed yet. 'alexnet neighbors' computes them once.";
        }
        catch (LaminaException)
        {
            // The reason names files of this machine.
            return "The training images cannot be read.";
        }
    }

    /// <summary>Finds the training images nearest to an image.</summary>
    /// <param name="image">(1, height, width, channels), as <c>Images.Load</c> returns it with the preprocessing.</param>
    /// <param name="count">The most images, at least 1. Default: 6.</param>
    /// <param name="cancellation">Cancels the search.</param>
    /// <exception cref="LaminaException"><see cref="WhyNoNeighbors"/> has a reason.</exception>
    public NeighborView Neighbors(NDArray image, int count = 6, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (WhyNoNeighbors(cancellation) is { } reason)
        {
            throw new LaminaException(reason);
        }
        NeighborReport report = _neighbors!.Find([("", image)], cancellation)!;
        return new NeighborView(
            report.Layer,
            report.Searched,
            [
                .. report
                    .Images[0]
                    .Neighbors.Take(count)
                    .Select(n => (n, Png: Thumbnail.TryPng(report.Source, n.Index, NeighborPixels)))
                    .Where(n => n.Png is not null)
                    .Select(n => new NeighborPicture(n.n.Class, n.n.Distance, n.Png)),
            ]
        );
    }

    /// <summary>Frees the copy.</summary>
    public void Dispose()
    {
        _activations.Dispose();
        _attributor.Dispose();
        _attributor.Model.Unload();
    }

    private static bool HasMaps(Attributor attributor)
    {
        try
        {
            attributor.RequireMaps();
            return true;
        }
        catch (LaminaException)
        {
            return false;
        }
    }
}
