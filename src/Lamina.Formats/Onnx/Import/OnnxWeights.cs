namespace Lamina;

/// <summary>
/// Matches the weights of an imported network with those of a model: by the names of layers, or, if those differ and
/// both are chains, by their order.
/// </summary>
internal static class OnnxWeights
{
    public static void Load(Model model, Model read, string file)
    {
        (string Key, Weight Weight)[] wanted = [.. WeightKeys.Of(model).Select(w => (Plain(w.Key), w.Weight))];
        (string Key, Weight Weight)[] given = [.. WeightKeys.Of(read).Select(w => (w.Key, w.Weight))];
        Dictionary<string, Weight> byName = given.ToDictionary(w => w.Key, w => w.Weight, StringComparer.Ordinal);
        wanted = AsInFile(wanted, given, file);
        List<(Weight To, Weight From)> pairs;
        if (wanted.All(w => byName.ContainsKey(w.Key)))
        {
            pairs = [.. wanted.Select(w => (w.Weight, byName[w.Key]))];
            HashSet<Weight> used = [.. pairs.Select(p => p.From)];
            if (given.FirstOrDefault(w => !used.Contains(w.Weight) && !IsNeutral(w.Weight)) is { Key: not null } extra)
            {
                throw new ModelFileException(
                    $"{file}: its weight {Quoted.Name(extra.Key)} {extra.Weight.Shape} is not part of the model."
                );
            }
        }
        else if (IsChain(model) && IsChain(read))
        {
            pairs = InOrder(wanted, given, file);
        }
        else
        {
            string missing = wanted.First(w => !byName.ContainsKey(w.Key)).Key;
            throw new ModelFileException(
                $"{file}: has no weight {Quoted.Name(missing)}, and networks with branches are matched by layers' names only."
            );
        }
        foreach ((Weight to, Weight from) in pairs)
        {
            if (to.Shape != from.Shape)
            {
                throw new ModelFileException(
                    $"{file}: the weight {Quoted.Name(from.Path)} {from.Shape} does not match the model's {to.Path} {to.Shape}."
                );
            }
        }
        foreach ((Weight to, Weight from) in pairs)
        {
            to.TakeValues(from.GetValues());
        }
    }

    // The keys in the file, if layers' names differ by counted numbers.
    private static (string Key, Weight Weight)[] AsInFile(
        (string Key, Weight Weight)[] wanted,
        (string Key, Weight Weight)[] given,
        string file
    )
    {
        ModelTensor[] model = [.. wanted.Select(w => ModelTensor.Of(w.Key, w.Weight))];
        StoredTensor[] stored =
        [
            .. given
                .Select(w => ModelTensor.Of(w.Key, w.Weight))
                .Select(t => new StoredTensor(t.Layer, t.Name, t.Dimensions)),
        ];
        var match = LayerMatch.Find(model, stored, file);
        return [.. model.Zip(wanted, (m, w) => ($"{match.NameOf(m.Layer)}/{m.Name}", w.Weight))];
    }

    private static List<(Weight, Weight)> InOrder(
        (string Key, Weight Weight)[] wanted,
        (string Key, Weight Weight)[] given,
        string file
    )
    {
        var pairs = new List<(Weight, Weight)>();
        int next = 0;
        foreach ((_, Weight to) in wanted)
        {
            // A normalization in a file always has gamma and beta.
            while (next < given.Length && given[next].Weight.Name != to.Name && IsNeutral(given[next].Weight))
            {
                next++;
            }
            if (next == given.Length || given[next].Weight.Name != to.Name)
            {
                throw new ModelFileException($"{file}: has no weight for the model's {to}.");
            }
            pairs.Add((to, given[next++].Weight));
        }
        while (next < given.Length && IsNeutral(given[next].Weight))
        {
            next++;
        }
        return next == given.Length
            ? pairs
            : throw new ModelFileException($"{file}: its weight {given[next].Weight} is not part of the model.");
    }

    // In a file, a normalization without gamma or beta has a gamma of ones or a beta of zeros.
    private static bool IsNeutral(Weight weight) =>
        weight.Name is "gamma" or "beta"
        && !weight.GetValues().AsSpan().ContainsAnyExcept(weight.Name == "gamma" ? 1 : 0);

    private static bool IsChain(Model model) =>
        model.Nodes.All(n => n.Inputs.Count <= 1 && (n.Layer is not Model nested || IsChain(nested)))
        && model.Nodes.SelectMany(n => n.Inputs).Distinct().Count() == model.Nodes.Sum(n => n.Inputs.Count);

    // Layers in nested models have one name in a file.
    private static string Plain(string key)
    {
        int end = key.LastIndexOf('/');
        return $"{key[..end].Replace('/', '_')}{key[end..]}";
    }
}
