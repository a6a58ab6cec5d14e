namespace Lamina;

/// <summary>
/// Finds a model's layers in a file whose names are equal, or differ only by the numbers that are counted for unnamed
/// layers: <c>conv2d_2</c> here is <c>conv2d</c> there if the same code ran twice.
/// </summary>
/// <remarks>
/// Counted layers are paired within their class, by the order of their numbers, which is the order of their creation,
/// and by the order of model and file. If the two disagree, shapes decide; if these do not, the file is rejected.
/// Layers that were named in code must have the same names in the file.
/// </remarks>
internal sealed class LayerMatch
{
    private readonly string[] _model;
    private readonly string[] _file;
    private readonly Dictionary<string, string> _pairs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _left = new(StringComparer.Ordinal);

    private LayerMatch(string[] model, string[] file) => (_model, _file) = (model, file);

    /// <summary>Matches the layers of a model with those of a file.</summary>
    /// <param name="model">The model's weights, in its order.</param>
    /// <param name="tensors">The file's tensors.</param>
    /// <param name="file">The name of the file in errors.</param>
    /// <param name="skip">The layers of the model that may be missing in the file.</param>
    /// <param name="inOrder"><see langword="true"/> if the file contains the tensors in the order of its model.</param>
    /// <exception cref="ModelFileException">There are two ways to match them.</exception>
    public static LayerMatch Find(
        IReadOnlyList<ModelTensor> model,
        IReadOnlyList<StoredTensor> tensors,
        string file,
        IReadOnlyCollection<string>? skip = null,
        bool inOrder = true
    )
    {
        skip ??= [];
        string[] layers = [.. model.Select(m => m.Layer).Distinct()];
        string[] stored = [.. tensors.Select(t => t.Layer).Distinct()];
        var match = new LayerMatch(layers, stored);
        string[] wanted = [.. layers.Except(skip)];
        if (wanted.All(stored.Contains) || match.PairCounted(model, tensors, file, skip, inOrder) is false)
        {
            match.PairSame(skip);
        }
        return match;
    }

    /// <summary>Returns the file's name of a layer of the model.</summary>
    public string NameOf(string layer) => _pairs.GetValueOrDefault(layer, layer);

    /// <summary>
    /// Returns <see langword="true"/> if a layer of the file corresponds to one of the model's skipped layers.
    /// </summary>
    public bool IsSkipped(string layer) => _left.Contains(layer);

    /// <summary>A sentence about the layers of both, for errors; empty if their names are equal.</summary>
    public string Difference =>
        _model.Order(StringComparer.Ordinal).SequenceEqual(_file.Order(StringComparer.Ordinal))
            ? ""
            : $" The file has the layers {List(_file)}; the model has {List(_model)}.";

    private void PairSame(IReadOnlyCollection<string> skip)
    {
        _pairs.Clear();
        _left.Clear();
        _left.UnionWith(skip);
    }

    private bool PairCounted(
        IReadOnlyList<ModelTensor> model,
        IReadOnlyList<StoredTensor> tensors,
        string file,
        IReadOnlyCollection<string> skip,
        bool inOrder
    )
    {
        var names = new CountedNames(model);
        Dictionary<string, CountedName[]> ours = Groups(_model.Select(names.OfModel));
        Dictionary<string, CountedName[]> theirs = Groups(_file.Select(names.OfFile));
        var byNumber = new List<(string Layer, string Stored)>();
        var byOrder = new List<(string Layer, string Stored)>();
        foreach ((string form, CountedName[] all) in ours)
        {
            CountedName[] found = theirs.GetValueOrDefault(form, []);
            CountedName[] needed = [.. all.Where(n => !skip.Contains(n.Layer))];
            CountedName[] paired = found.Length == all.Length ? all : needed;
            if (found.Length != paired.Length)
            {
                return false;
            }
            byNumber.AddRange(paired.Order().Zip(found.Order(), (a, b) => (a.Layer, b.Layer)));
            byOrder.AddRange(paired.Zip(found, (a, b) => (a.Layer, b.Layer)));
        }
        foreach (
            (string here, string there) in Choose(byNumber, inOrder ? byOrder : byNumber, model, tensors, file, skip)
        )
        {
            _pairs[here] = there;
            if (skip.Contains(here))
            {
                _left.Add(there);
            }
        }
        return true;
    }

    private static List<(string Layer, string Stored)> Choose(
        List<(string Layer, string Stored)> byNumber,
        List<(string Layer, string Stored)> byOrder,
        IReadOnlyList<ModelTensor> model,
        IReadOnlyList<StoredTensor> tensors,
        string file,
        IReadOnlyCollection<string> skip
    )
    {
        if (byNumber.ToHashSet().SetEquals(byOrder))
        {
            return byNumber;
        }
        bool numbersFit = Fits(byNumber);
        if (!numbersFit || !Fits(byOrder))
        {
            return numbersFit ? byNumber : byOrder;
        }
        (string ours, string theirs) = byNumber.Except(byOrder).First();
        string other = byOrder.First(p => p.Layer == ours).Stored;
        throw new ModelFileException(
            $"{file}: the model's {Quoted.Name(ours)} may be {Quoted.Name(theirs)} by number or {Quoted.Name(other)} by order. Name the model's layers as in the file."
        );

        bool Fits(List<(string Layer, string Stored)> pairs)
        {
            var names = pairs.ToDictionary(p => p.Layer, p => p.Stored, StringComparer.Ordinal);
            var stored = tensors.ToDictionary(t => (t.Layer, t.Name), t => t.Dimensions);
            return model
                .Where(m => !skip.Contains(m.Layer))
                .All(m =>
                    stored.TryGetValue((names[m.Layer], m.Name), out IReadOnlyList<long>? dimensions)
                    && dimensions.SequenceEqual(m.Dimensions)
                );
        }
    }

    private static Dictionary<string, CountedName[]> Groups(IEnumerable<CountedName> names) =>
        names
            .GroupBy(n => n.Form, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);

    private static string List(string[] names) =>
        names.Length == 0 ? "none" : Quoted.Line(string.Join(", ", names.Take(50)), 300);
}

/// <summary>A tensor that a model needs: a weight, or an array that belongs to one.</summary>
/// <param name="Layer">
/// The layer's name, preceded by those of the models it is nested in: <c>backbone/conv2d</c>.
/// </param>
/// <param name="Name">Its name in the layer: <c>kernel</c>.</param>
/// <param name="Dimensions">The sizes.</param>
/// <param name="Prefixes">
/// The names that unnamed layers of these classes are counted under: of the layer, preceded by those of the layers that it
/// is part of.
/// </param>
internal sealed record ModelTensor(
    string Layer,
    string Name,
    IReadOnlyList<long> Dimensions,
    IReadOnlyList<string> Prefixes
)
{
    /// <summary>Returns the tensor of a weight that files store under a key.</summary>
    public static ModelTensor Of(string key, Weight weight) =>
        new(
            key[..^(weight.Name.Length + 1)],
            weight.Name,
            [.. weight.Shape.ToArray().Select(d => (long)d)],
            PrefixesOf(weight.Layer)
        );

    private static List<string> PrefixesOf(Layer layer)
    {
        List<string> prefixes = layer.Owner is { } owner ? PrefixesOf(owner) : [];
        prefixes.Add(layer.CountedPrefix);
        return prefixes;
    }
}

/// <summary>A tensor of a file.</summary>
/// <param name="Layer">The name of its layer: everything before the last slash.</param>
/// <param name="Name">Its name in the layer.</param>
/// <param name="Dimensions">The sizes.</param>
internal sealed record StoredTensor(string Layer, string Name, IReadOnlyList<long> Dimensions)
{
    /// <summary>Returns the tensor of a key such as <c>backbone/conv2d/kernel</c>.</summary>
    public static StoredTensor Of(string key, IReadOnlyList<long> dimensions)
    {
        int slash = key.LastIndexOf('/');
        return new StoredTensor(slash < 0 ? "" : key[..slash], key[(slash + 1)..], dimensions);
    }
}
