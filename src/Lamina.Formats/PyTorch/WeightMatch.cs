namespace Lamina;

/// <summary>
/// Matches the tensors of a state dict with weights: by the layers' own names, by the names that the options give, or
/// by order, if there are as many modules as layers. Everything is checked before the first value is read, and all
/// values are read before the first weight is set.
/// </summary>
internal sealed class WeightMatch
{
    private readonly TensorSource _source;
    private readonly PyTorchModule[] _modules;
    private readonly HashSet<string> _skipped;
    private readonly Dictionary<string, SourceTensor> _byName;
    private readonly List<(SourceTensor Tensor, PyTorchWeight Weight)> _pairs = [];

    private WeightMatch(Model model, TensorSource source, PyTorchOptions options)
    {
        _source = source;
        _modules = [.. PyTorchModule.Of(model)];
        _skipped = [.. options.Skip];
        _byName = source
            .Tensors.Where(t => !IsCounter(t.Name))
            .ToDictionary(t => t.Name, t => t, StringComparer.Ordinal);
        if (_skipped.FirstOrDefault(s => _modules.All(m => m.Path != s)) is { } unknown)
        {
            throw new LaminaException(
                $"{model}: has no layer {Quoted.Name(unknown)} with weights to skip. It has {List(_modules.Select(m => m.Path))}."
            );
        }
        Match(ModuleNames(options.Modules, _modules));
    }

    /// <summary>Sets a model's weights to those of a state dict.</summary>
    /// <exception cref="ModelFileException">The tensors do not match; no weight has changed.</exception>
    public static void Load(Model model, TensorSource source, PyTorchOptions? options) =>
        new WeightMatch(model, source, options ?? new PyTorchOptions()).Load();

    /// <summary>Returns the modules' names in a file: those given, or the layers' own.</summary>
    /// <exception cref="LaminaException">The number of names differs from the number of layers.</exception>
    public static string[]? ModuleNames(IReadOnlyList<string>? names, IReadOnlyList<PyTorchModule> modules) =>
        names is null || names.Count == modules.Count
            ? names?.ToArray()
            : throw new LaminaException(
                $"{names.Count} names of modules were given, but the model has {modules.Count} layers with weights: {List(modules.Select(m => m.Path))}."
            );

    private void Match(string[]? given)
    {
        string[] own = [.. _modules.Select(m => m.Path)];
        string[] theirs = [.. _byName.Keys.Select(ModuleOf).Distinct()];
        if (Found(own) == Wanted)
        {
            Pair(own);
        }
        else if (given is not null && Found(given) == Wanted)
        {
            Pair(given);
        }
        else if (theirs.Length == _modules.Length)
        {
            Pair(theirs);
        }
        else if (theirs.Length == Wanted)
        {
            // A file without the layers that are skipped.
            var rest = new Queue<string>(theirs);
            Pair([.. _modules.Select(m => _skipped.Contains(m.Path) ? "" : rest.Dequeue())]);
        }
        else
        {
            // The error names what is missing, by the names that match best.
            if (Found(own) > 0 || given is not null && Found(given) > 0)
            {
                Pair(given is null || Found(own) > Found(given) ? own : given);
            }
            throw new ModelFileException(
                $"{_source.File}: has {Theirs(theirs)}; the model has {_modules.Length} layers with weights: {List(own)}. Modules are matched by name, or by order if the numbers are equal."
            );
        }
        RefuseOthers();
    }

    private string Theirs(string[] modules) =>
        modules.Length == 0 ? "no weights"
        : modules is [""] ? $"tensors that name no module: {List(_byName.Keys)}"
        : $"{modules.Length} {(modules.Length == 1 ? "module" : "modules")} with weights: {List(modules.Select(m => m.Length == 0 ? "(none)" : m))}";

    private int Wanted => _modules.Count(m => !_skipped.Contains(m.Path));

    private int Found(string[] names) =>
        _modules
            .Zip(names)
            .Count(p =>
                !_skipped.Contains(p.First.Path) && _byName.ContainsKey(Key(p.Second, p.First.Weights[0].Name))
            );

    private void Pair(string[] names)
    {
        for (int i = 0; i < names.Length; i++)
        {
            PyTorchModule module = _modules[i];
            if (_skipped.Contains(module.Path))
            {
                foreach (
                    string name in _byName.Keys.Where(n => names[i].Length > 0 && ModuleOf(n) == names[i]).ToArray()
                )
                {
                    _byName.Remove(name);
                }
                continue;
            }
            foreach (PyTorchWeight weight in module.Weights)
            {
                string name = Key(names[i], weight.Name);
                if (!_byName.Remove(name, out SourceTensor? tensor))
                {
                    throw new ModelFileException(
                        $"{_source.File}: has no tensor {Quoted.Name(name)} {SourceTensor.Text(weight.Dimensions)}, which {module.Layer} requires."
                    );
                }
                Check(tensor, module, weight, isLast: i == names.Length - 1);
                _pairs.Add((tensor, weight));
            }
        }
    }

    private void Check(SourceTensor tensor, PyTorchModule module, PyTorchWeight weight, bool isLast)
    {
        if (!tensor.Dimensions.SequenceEqual(weight.Dimensions))
        {
            bool isHead = isLast && tensor.Dimensions.Skip(1).SequenceEqual(weight.Dimensions.Skip(1));
            throw new ModelFileException(
                isHead
                    ? $"{_source.File}: tensor {tensor} is for {tensor.Dimensions[0]} classes, but the model's head {module.Layer} has {weight.Dimensions[0]}. Build the model for the same number, or skip {module.Path}."
                    : $"{_source.File}: tensor {tensor} does not match {module.Layer}, whose {weight.Weight.Name} {weight.Weight.Shape} is {SourceTensor.Text(weight.Dimensions)} in PyTorch."
            );
        }
        if (!tensor.Type.HasValues())
        {
            throw new ModelFileException(
                $"{_source.File}: tensor {tensor} has an element type that Lamina does not support. Convert it to float32 first."
            );
        }
    }

    private void RefuseOthers()
    {
        if (_byName.Values.FirstOrDefault() is { } other)
        {
            throw new ModelFileException($"{_source.File}: tensor {other} is not one of the model's weights.");
        }
    }

    private void Load()
    {
        float[][] values = [.. _pairs.Select(p => p.Weight.Read(_source.Open(p.Tensor)))];
        for (int i = 0; i < values.Length; i++)
        {
            _pairs[i].Weight.Weight.TakeValues(values[i]);
        }
    }

    private static bool IsCounter(string name) =>
        name.EndsWith($".{PyTorchModule.BatchCounter}", StringComparison.Ordinal);

    private static string ModuleOf(string name) => name[..Math.Max(0, name.LastIndexOf('.'))];

    /// <summary>Returns the name of a module's weight in a state dict.</summary>
    public static string Key(string module, string weight) => module.Length == 0 ? weight : $"{module}.{weight}";

    private static string List(IEnumerable<string> names) => Quoted.Line(string.Join(", ", names), 300);
}
