using System.Globalization;

namespace Lamina.Cli;

/// <summary>The traits in which models of the family differ, read from their layers.</summary>
internal sealed class ModelTraits
{
    private const string None = "none";
    private readonly Layer[] _layers;
    private readonly Conv2D[] _convolutions;

    public ModelTraits(string name, Model model)
    {
        Name = name;
        Cost = ModelCost.Of(model);
        // For a chain, its order of execution; for other graphs, a possible order.
        _layers = [.. model.Nodes.Select(n => n.Layer).Where(l => l is not InputLayer)];
        _convolutions = [.. _layers.OfType<Conv2D>()];
        Input = Size(model.Inputs[0].Shape);
        Classes = model.Outputs[0].Shape[^1] ?? 0;
        TrainingBytes = model.TrainableWeights.Count > 0 ? model.TrainingMemory(Batch).Peak : null;
    }

    /// <summary>The batch size of <see cref="TrainingBytes"/>.</summary>
    public const int Batch = 128;

    public string Name { get; }

    /// <summary>
    /// The peak memory of training on this machine's CPU in bytes, computed from the plan; null if nothing can be trained.
    /// </summary>
    public long? TrainingBytes { get; }

    public ModelCost Cost { get; }

    public string Input { get; }

    public int Classes { get; }

    public int LayerCount => _layers.Length;

    /// <summary>The window, strides and padding of conv1, and the side of its output: 11×11/4 pad 0,3 → 55.</summary>
    public string FirstConvolution => _convolutions.Length > 0 ? Describe(_convolutions[0]) : None;

    /// <summary>The numbers of filters.</summary>
    public string Widths => List(_convolutions.Select(c => c.Filters.ToString(CultureInfo.InvariantCulture)), "-");

    /// <summary>The filters and window of conv5, the only difference between the walkthrough and the listing.</summary>
    public string FifthConvolution =>
        _convolutions.Length > 4
            ? $"{_convolutions[4].Filters} {_convolutions[4].KernelSize}{(_convolutions[4].Strides == Size2.One ? "" : $"/{_convolutions[4].Strides.Height}")}"
            : None;

    /// <summary>The grouped convolutions.</summary>
    public string Groups
    {
        get
        {
            string which = List(
                _convolutions.Index().Where(c => c.Item.Groups > 1).Select(c => Invariant(c.Index + 1)),
                ", "
            );
            return which == None ? None : $"{_convolutions.Max(c => c.Groups)} in conv {which}";
        }
    }

    /// <summary>The normalization, its order with pooling, and the convolutions that it follows.</summary>
    public string Normalization
    {
        get
        {
            List<string> after = [];
            string kind = None;
            string order = "";
            int convolution = 0;
            for (int i = 0; i < _layers.Length; i++)
            {
                convolution += _layers[i] is Conv2D ? 1 : 0;
                if (_layers[i] is BatchNormalization or LocalResponseNormalization)
                {
                    after.Add(Invariant(convolution));
                    kind = _layers[i] is BatchNormalization ? "BN" : "LRN";
                    order =
                        i > 0 && _layers[i - 1] is MaxPool2D ? $"pool, {kind}"
                        : i + 1 < _layers.Length && _layers[i + 1] is MaxPool2D ? $"{kind}, pool"
                        : kind;
                }
            }
            return kind == None ? None : $"{order} at {string.Join(", ", after)}";
        }
    }

    /// <summary>The shape before flattening.</summary>
    public string Flattened => _layers.OfType<Flatten>().FirstOrDefault() is { } flat ? Size(flat.Input.Shape) : None;

    /// <summary>The dense layers that dropout precedes or follows.</summary>
    public string Dropouts
    {
        get
        {
            List<string> before = [];
            List<string> after = [];
            for (int i = 0; i < _layers.Length; i++)
            {
                if (_layers[i] is not Lamina.Dropout)
                {
                    continue;
                }
                int dense = _layers.Take(i).OfType<Dense>().Count();
                // In torchvision, dropout precedes the dense layer; in all other models it follows.
                bool leads = _layers.Take(i).Reverse().FirstOrDefault() is Flatten || before.Count > 0;
                (leads ? before : after).Add(Invariant(leads ? dense + 1 : dense));
            }
            return before.Count > 0 ? $"before dense {string.Join(", ", before)}"
                : after.Count > 0 ? $"after dense {string.Join(", ", after)}"
                : None;
        }
    }

    private static string Describe(Conv2D c)
    {
        Shape x = c.Input.Shape;
        Pads2 p = c.Padding.Resolve(x[1]!.Value, x[2]!.Value, c.KernelSize, c.Strides, c.DilationRate);
        string pads = p.IsSymmetric ? Invariant(p.Top) : $"{Invariant(p.Top)},{Invariant(p.Bottom)}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{c.Filters} {c.KernelSize}/{c.Strides.Height} pad {pads} → {c.Output.Shape[1]}"
        );
    }

    private static string Size(Shape images) => string.Join('×', images.Skip(1));

    private static string Invariant(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string List(IEnumerable<string> items, string separator)
    {
        string text = string.Join(separator, items);
        return text.Length > 0 ? text : None;
    }
}
