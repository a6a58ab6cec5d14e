using Lamina.Inspect;
using Lamina.Runs.Inspecting;
using Lamina.Runs.Results;

namespace Lamina.Runs;

/// <summary>Explains the predictions of a trained classifier: which parts of an image speak for a class.</summary>
public sealed class RunExplainer : IDisposable
{
    private const int Shown = 3;
    private readonly RunClassifier _classifier;
    private readonly ExplainOptions _options;
    private readonly Attributor _attributor;
    private readonly ExplainMethod[] _methods;
    private readonly int? _class;
    private readonly PixelRange _range;
    private LayerActivations? _activations;

    /// <summary>Creates an explainer of a classifier, which the caller disposes.</summary>
    /// <param name="classifier">The classifier, in float32.</param>
    /// <param name="options">The methods and the class; the defaults if <see langword="null"/>.</param>
    /// <exception cref="LaminaException">
    /// The classifier is quantized, has no such class or layer, or has no convolution that a method needs.
    /// </exception>
    public RunExplainer(RunClassifier classifier, ExplainOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        (_classifier, _options) = (classifier, options ?? new ExplainOptions());
        if (classifier.IsQuantized)
        {
            throw new LaminaException($"{classifier.Path}: a quantized model has no gradients. Use the float32 model.");
        }
        _attributor = new Attributor(classifier.Model);
        _class = _options.Class is { } name ? ClassOf(name) : null;
        _methods = MethodsOf();
        _range = new PixelRange(classifier.Info.Preprocessing);
    }

    /// <summary>Explains the prediction of a prepared image.</summary>
    /// <param name="name">The name of the image, for the result.</param>
    /// <param name="image">(1, height, width, channels), as <c>Images.Load</c> returns it with the preprocessing.</param>
    /// <param name="cancellation">Cancels the computation.</param>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public Explanation Explain(string name, NDArray image, CancellationToken cancellation = default)
    {
        IReadOnlyList<string> classes = _classifier.Info.Classes;
        float[] probabilities = _attributor.Probabilities(image).Values.ToArray();
        ClassScore[] top =
        [
            .. Classifier
                .Top(probabilities, Shown)
                .Select(t => new ClassScore(t.Index, classes[t.Index], t.Probability)),
        ];
        int explained = _class ?? top[0].Index;
        List<ExplanationMap> maps = [];
        foreach (ExplainMethod method in _methods)
        {
            cancellation.ThrowIfCancellationRequested();
            AttributionMap map = MapOf(method, image, explained, cancellation);
            maps.Add(
                new ExplanationMap(
                    method,
                    map,
                    _options.Curves ? PixelCurve.Deletion(_attributor, image, map, cancellation: cancellation) : null,
                    _options.Curves ? PixelCurve.Insertion(_attributor, image, map, cancellation: cancellation) : null
                )
            );
        }
        return new Explanation(name, top, new ClassScore(explained, classes[explained], probabilities[explained]), maps)
        {
            Prepared = image,
        };
    }

    /// <summary>Draws the maps of an explanation over its image.</summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="explanation">An explanation of this explainer.</param>
    /// <param name="isDark"><see langword="true"/> for a dark background. Default: <see langword="false"/>.</param>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public void Draw(string path, Explanation explanation, bool isDark = false)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        RunPictures.Sheet(path, ExplanationSheet.Of(explanation, _range, isDark));
    }

    /// <summary>Draws the outputs of every layer for an explanation's image.</summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="explanation">An explanation of this explainer.</param>
    /// <param name="isDark"><see langword="true"/> for a dark background. Default: <see langword="false"/>.</param>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public void DrawActivations(string path, Explanation explanation, bool isDark = false)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        _activations ??= new LayerActivations(_classifier.Model);
        SheetTile input = _range.ToTile(explanation.Prepared);
        IReadOnlyList<LayerActivation> layers = _activations.Of(explanation.Prepared);
        RunPictures.Sheet(path, ActivationSheet.Of(explanation.Image, layers, input, isDark));
    }

    private AttributionMap MapOf(ExplainMethod method, NDArray image, int @class, CancellationToken cancellation) =>
        method switch
        {
            ExplainMethod.GradCam => _attributor.GradCam(image, @class, _options.Layer),
            ExplainMethod.GradCamPlusPlus => _attributor.GradCamPlusPlus(image, @class, _options.Layer),
            ExplainMethod.Occlusion => _attributor.Occlusion(image, @class, cancellation: cancellation),
            ExplainMethod.IntegratedGradients => _attributor.IntegratedGradients(
                image,
                @class,
                cancellation: cancellation
            ),
            ExplainMethod.Saliency => _attributor.Saliency(image, @class),
            ExplainMethod.SmoothGrad => _attributor.SmoothGrad(image, @class, cancellation: cancellation),
            ExplainMethod.GuidedBackpropagation => _attributor.GuidedBackpropagation(image, @class),
            _ => throw new ArgumentOutOfRangeException(nameof(method), method, "This is not a method."),
        };

    // Methods that need maps are left out of the default, and refused if they are asked for.
    private ExplainMethod[] MethodsOf()
    {
        ExplainMethod[] methods = [.. _options.Methods ?? Enum.GetValues<ExplainMethod>()];
        if (!methods.Any(NeedsMaps))
        {
            return methods;
        }
        try
        {
            _attributor.RequireMaps(_options.Layer);
            return methods;
        }
        catch (LaminaException) when (_options.Methods is null && _options.Layer is null)
        {
            return [.. methods.Where(m => !NeedsMaps(m))];
        }
    }

    private static bool NeedsMaps(ExplainMethod method) =>
        method is ExplainMethod.GradCam or ExplainMethod.GradCamPlusPlus;

    private int ClassOf(string name)
    {
        int index = _classifier.Info.Classes.ToList().IndexOf(name);
        return index >= 0
            ? index
            : throw new LaminaException(
                $"{_classifier.Path}: has no class '{name}'. Its classes are {string.Join(", ", _classifier.Info.Classes.Take(20))}{(_classifier.Info.Classes.Count > 20 ? ", …" : "")}."
            );
    }

    /// <summary>Frees the compiled gradients.</summary>
    public void Dispose()
    {
        _activations?.Dispose();
        _attributor.Dispose();
    }
}
