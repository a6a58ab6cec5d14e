using System.Globalization;
using Lamina.Hdf5;

namespace Lamina;

/// <summary>
/// The layout of Keras 3: <c>layers/conv2d_1/vars/0</c>, where layers are named after their class and counted, whatever
/// their own names. A nested model has its own layers.
/// </summary>
internal sealed class KerasVersion3Layout(IReadOnlySet<string>? sequentials)
{
    private readonly List<(Weight, Hdf5Dataset)> _found = [];
    private readonly HashSet<Layer> _visited = [];

    /// <summary>Returns the dataset of each weight.</summary>
    public IReadOnlyList<(Weight, Hdf5Dataset)> Find(Model model, Hdf5Group group)
    {
        Visit(model, group);
        return _found;
    }

    /// <summary>Returns the name of the next layer of a class.</summary>
    /// <param name="used">The number of uses of each name.</param>
    /// <param name="className">The class in Keras.</param>
    public static string NextName(Dictionary<string, int> used, string className)
    {
        string name = Session.SnakeCase(className);
        int count = used.GetValueOrDefault(name);
        used[name] = count + 1;
        return count == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}_{count}");
    }

    private void Visit(Model model, Hdf5Group group)
    {
        if (KerasWeightGroup.Layers(group) is not { } layers)
        {
            if (model.Weights.Count == 0)
            {
                return;
            }
            throw new InvalidDataException(
                $"it contains no layers of the model {Quoted.Name(model.Name)} in {group.Path}"
            );
        }
        var names = new HashSet<string>(StringComparer.Ordinal);
        var used = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (Layer layer in model.Layers)
        {
            string name = NextName(used, layer is Model inner ? ClassOf(inner, layers, used) : layer.ClassName);
            names.Add(name);
            // A layer that two models share is stored where it occurs first.
            if (!_visited.Add(layer) || layer.Weights.Count == 0)
            {
                continue;
            }
            Hdf5Group stored =
                layers.Group(name)
                ?? throw new InvalidDataException(
                    $"it does not contain {layers.Path}/{name}, the weights of the model's {layer}"
                );
            if (layer is Model nested)
            {
                Visit(nested, stored);
            }
            else
            {
                Add(layer, stored);
            }
        }
        RequireNoOthers(model, layers, names);
    }

    private void Add(Layer layer, Hdf5Group stored)
    {
        Hdf5Group? vars = stored.Group("vars");
        IReadOnlyList<Weight> weights = layer.Weights;
        if (vars is null || vars.Names.Count != weights.Count)
        {
            throw new InvalidDataException(
                $"it contains {vars?.Names.Count ?? 0} weights in {stored.Path}, but the model's {layer} has {weights.Count}"
            );
        }
        for (int i = 0; i < weights.Count; i++)
        {
            string number = i.ToString(CultureInfo.InvariantCulture);
            Hdf5Dataset dataset =
                vars.Find(number) as Hdf5Dataset
                ?? throw new InvalidDataException($"it does not contain weight {number} in {vars.Path}");
            _found.Add((weights[i], dataset));
        }
    }

    private static void RequireNoOthers(Model model, Hdf5Group layers, HashSet<string> names)
    {
        foreach (string name in layers.Names.Where(n => !names.Contains(n)))
        {
            if (layers.Group(name)?.Group("vars") is { Names.Count: > 0 })
            {
                throw new InvalidDataException(
                    $"it contains weights in {layers.Path}/{Quoted.Line(name, 60)}, for which the model {Quoted.Name(model.Name)} has no layer"
                );
            }
        }
    }

    // If no architecture says whether a nested model is a Sequential, the group that matches its weights decides.
    private string ClassOf(Model nested, Hdf5Group layers, Dictionary<string, int> used)
    {
        const string Functional = "Functional";
        const string Sequential = "Sequential";
        if (sequentials is not null)
        {
            return sequentials.Contains(nested.Name) ? Sequential : Functional;
        }
        bool Has(string className) =>
            layers.Group(NextName(new Dictionary<string, int>(used), className)) is { } group
            && Resembles(nested, group);
        return Has(Functional) || !Has(Sequential) ? Functional : Sequential;
    }

    private static bool Resembles(Model nested, Hdf5Group group)
    {
        if (KerasWeightGroup.Layers(group) is not { } layers)
        {
            return false;
        }
        var used = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (Layer layer in nested.Layers.Where(l => l is not Model))
        {
            string name = NextName(used, layer.ClassName);
            IReadOnlyList<Weight> weights = layer.Weights;
            if (weights.Count == 0)
            {
                continue;
            }
            Hdf5Group? vars = layers.Group($"{name}/vars");
            for (int i = 0; i < weights.Count; i++)
            {
                string number = i.ToString(CultureInfo.InvariantCulture);
                if (vars?.Find(number) is not Hdf5Dataset dataset || !KerasH5Weights.Fits(weights[i], dataset))
                {
                    return false;
                }
            }
        }
        return true;
    }
}
