using System.Globalization;

namespace Lamina;

/// <summary>
/// The tensors of a pickle by the path of keys that leads to them, and the subset that is a model's weights.
/// </summary>
internal sealed class StateDict
{
    private const int MaxDepth = 16;
    private const int MaxVisits = 1_000_000;
    private const int MaxNotes = 12;

    // The memory of a tensor in lists, here and in the reader.
    private const int TensorBytes = 300;

    // The keys under which training programs store the weights in a checkpoint, the most specific first.
    private static readonly string[] s_wrappers =
    [
        "state_dict",
        "model_state_dict",
        "model_state",
        "model",
        "network",
        "net",
        "weights",
        "params",
    ];

    // The prefixes that wrappers of modules add: DataParallel's, and torch.compile's.
    private static readonly string[] s_prefixes = ["module.", "_orig_mod."];

    private readonly string _file;
    private readonly MemoryBudget _budget;
    private readonly List<(string Name, PickleTensor Tensor)> _all = [];
    private int _visits;

    /// <summary>Finds the tensors.</summary>
    /// <param name="root">The content of the pickle.</param>
    /// <param name="file">The file's name in errors.</param>
    /// <param name="budget">The limit on the memory of names.</param>
    /// <exception cref="ModelFileException">
    /// There are no tensors, two have the same name, or they are nested too deeply.
    /// </exception>
    public StateDict(object? root, string file, MemoryBudget budget)
    {
        (_file, _budget) = (file, budget);
        Collect(root is PickleTensor ? new object?[] { root } : root, "", 0);
        if (_all.Count == 0)
        {
            throw new ModelFileException(
                $"{file}: contains no tensors. Save a state dict: torch.save(model.state_dict(), …)."
            );
        }
        RequireUnique(_all.Select(t => t.Name));
        string wrapper = Wrapper(root);
        Note(wrapper.Length > 0, $"the weights are under '{Quoted.Line(wrapper.TrimEnd('.'), 100)}'");
        string prefix = wrapper;
        foreach (string word in s_prefixes)
        {
            if (InWrapper(wrapper).All(t => t.Name.AsSpan(prefix.Length).StartsWith(word)))
            {
                prefix += word;
                Note(true, $"the names of the weights begin with '{word}'");
            }
        }
        Weights = [.. InWrapper(wrapper).Select(t => (WithoutPrefix(t.Name, prefix.Length), t.Tensor))];
        AddScalars(root);
    }

    /// <summary>All tensors, by their full paths.</summary>
    public IReadOnlyList<(string Name, PickleTensor Tensor)> All => _all;

    /// <summary>The model's weights, by the names that its modules use.</summary>
    public IReadOnlyList<(string Name, PickleTensor Tensor)> Weights { get; }

    /// <summary>Further facts about the file, one line each.</summary>
    public List<string> Notes { get; } = [];

    private void Collect(object? value, string path, int depth)
    {
        if (value is PickleTensor tensor)
        {
            _budget.Spend(TensorBytes);
            _all.Add((path, tensor));
            return;
        }
        IEnumerable<(object? Key, object? Value)> items = value switch
        {
            PickleDict dict => dict.Items,
            object?[] tuple => Numbered(tuple),
            List<object?> list => Numbered(list),
            _ => [],
        };
        foreach ((object? key, object? item) in items)
        {
            if (++_visits > MaxVisits)
            {
                throw new ModelFileException(
                    $"{_file}: its pickle has more than {MaxVisits} items. Save only model.state_dict()."
                );
            }
            if (item is not (PickleTensor or PickleDict or object?[] or List<object?>))
            {
                continue;
            }
            string? name = key switch
            {
                string text => text,
                long number => number.ToString(CultureInfo.InvariantCulture),
                _ => null,
            };
            if (name is null)
            {
                continue;
            }
            if (depth == MaxDepth)
            {
                throw new ModelFileException(
                    $"{_file}: its pickle is more than {MaxDepth} levels deep. Save only model.state_dict()."
                );
            }
            _budget.Spend(48 + (2L * (path.Length + name.Length)));
            Collect(item, path.Length == 0 ? name : $"{path}.{name}", depth + 1);
        }
    }

    private static IEnumerable<(object? Key, object? Value)> Numbered(IReadOnlyList<object?> items) =>
        items.Select((item, i) => ((object?)(long)i, item));

    // The path, with a dot at its end, of the innermost dict that contains all weights and nothing else.
    private string Wrapper(object? root)
    {
        string path = "";
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            if (root is not PickleDict dict || dict.Items.Any(i => i.Value is PickleTensor))
            {
                return path;
            }
            string? key = s_wrappers.FirstOrDefault(k => Has(dict, path, k));
            if (key is null)
            {
                return path;
            }
            root = dict.Items.First(i => i.Key is string k && k == key).Value;
            path += $"{key}.";
        }
        return path;
    }

    private bool Has(PickleDict dict, string path, string key) =>
        dict.Items.Any(i => i.Key is string k && k == key && i.Value is PickleDict)
        && _all.Any(t => t.Name.StartsWith($"{path}{key}.", StringComparison.Ordinal));

    private IEnumerable<(string Name, PickleTensor Tensor)> InWrapper(string wrapper) =>
        _all.Where(t => t.Name.StartsWith(wrapper, StringComparison.Ordinal));

    private string WithoutPrefix(string name, int length)
    {
        _budget.Spend(2L * name.Length);
        return name[length..];
    }

    private void RequireUnique(IEnumerable<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (!seen.Add(name))
            {
                throw new ModelFileException($"{_file}: contains the tensor {Quoted.Name(name)} twice.");
            }
        }
    }

    private void Note(bool isSo, string note)
    {
        if (isSo && Notes.Count < MaxNotes)
        {
            Notes.Add(note);
        }
    }

    // A checkpoint's own facts: epoch: 90, arch: alexnet…
    private void AddScalars(object? root)
    {
        foreach ((object? key, object? value) in root is PickleDict dict ? dict.Items : [])
        {
            string? text = value switch
            {
                string s => s,
                long n => n.ToString(CultureInfo.InvariantCulture),
                double d => d.ToString(CultureInfo.InvariantCulture),
                bool b => b ? "True" : "False",
                _ => null,
            };
            Note(
                key is string && text is not null,
                $"{Quoted.Line(key as string ?? "", 100)}: {Quoted.Line(text ?? "", 100)}"
            );
        }
    }
}
