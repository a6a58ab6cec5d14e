namespace Lamina;

/// <summary>
/// The results of calls in a pickle. A call yields a description of a tensor, an empty dict, or nothing; none executes
/// code of the file.
/// </summary>
/// <param name="file">The file's name in errors.</param>
/// <param name="budget">The limit on the memory of objects.</param>
/// <param name="openStorage">Returns the file of a storage by its key.</param>
internal sealed class PickleObjects(string file, MemoryBudget budget, Func<string, StoredEntry> openStorage)
{
    private const int MaxRank = 64;

    // The memory of a description of a tensor or a storage, without its numbers; of an item of a dict.
    private const int ObjectBytes = 150;
    private const int ItemBytes = 32;

    /// <summary>Returns the storage with a persistent identifier.</summary>
    public PickleStorage Storage(object? id)
    {
        if (
            id is not object?[] { Length: >= 5 } parts
            || parts[0] is not "storage"
            || parts[1] is not PickleGlobal storageClass
            || PickleGlobals.StorageType(storageClass.Name) is not { } type
            || parts[2] is not string key
            || parts[4] is not long count
            || count < 0
        )
        {
            throw Error("refers to something that is not a storage");
        }
        budget.Spend(ObjectBytes);
        StoredEntry entry = openStorage(key);
        return count <= entry.Length / type.Type.Size()
            ? new PickleStorage(entry, type.Type, type.Name, count)
            : throw Error(
                $"storage {Quoted.Name(key)} has {entry.Length} bytes, fewer than its {count} elements of {type.Name}"
            );
    }

    /// <summary>Returns the result of calling one of the listed names.</summary>
    public object? Call(object? function, object? arguments)
    {
        if (function is not PickleGlobal global || arguments is not object?[] args)
        {
            throw Error("calls something that is not a function");
        }
        if (global.Name == PickleGlobals.RebuildFromType)
        {
            // Surrounds the call that creates a tensor with attributes, which do not matter here.
            return args is [PickleGlobal inner, _, object?[] innerArgs, ..]
                ? CallListed(inner.Name, innerArgs)
                : throw Error("creates a tensor of a class from something else");
        }
        return CallListed(global.Name, args);
    }

    private object? CallListed(string name, object?[] args)
    {
        switch (name)
        {
            case PickleGlobals.OrderedDict when args is []:
                budget.Spend(ObjectBytes);
                return new PickleDict();
            case PickleGlobals.OrderedDict when args is [List<object?> pairs]:
                budget.Spend(ObjectBytes + ((long)ItemBytes * pairs.Count));
                var dict = new PickleDict();
                dict.Items.AddRange(pairs.Select(Pair));
                return dict;
            case PickleGlobals.RebuildTensor when args is [PickleStorage storage, var offset, var sizes, var strides]:
                return Tensor(storage, (storage.Type, storage.TypeName), offset, sizes, strides);
            case PickleGlobals.RebuildTensor2
                when args is [PickleStorage storage, var offset, var sizes, var strides, ..]:
                return Tensor(storage, (storage.Type, storage.TypeName), offset, sizes, strides);
            case PickleGlobals.RebuildTensor3
                when args is [PickleStorage storage, var offset, var sizes, var strides, _, _, PickleGlobal dtype, ..]
                    && PickleGlobals.DType(dtype.Name) is { } type:
                return Tensor(storage, type, offset, sizes, strides);
            case PickleGlobals.RebuildParameter
            or PickleGlobals.RebuildParameterWithState
            or PickleGlobals.Parameter
            or PickleGlobals.ParameterAlias when args is [PickleTensor tensor, ..]:
                return tensor;
            case PickleGlobals.Size when args is [object?[] or List<object?>]:
                return args[0];
            case PickleGlobals.Set or PickleGlobals.SetOfPython2 when args is [List<object?> items]:
                return items;
            case PickleGlobals.Device:
                return PickleOpaque.Instance;
            default:
                throw Error($"calls {Quoted.Name(name)} with arguments that do not occur in a state dict");
        }
    }

    private (object? Key, object? Value) Pair(object? item) =>
        item is object?[] { Length: 2 } pair ? (pair[0], pair[1])
        : item is List<object?> { Count: 2 } list ? (list[0], list[1])
        : throw Error("creates a dict from something other than pairs");

    private PickleTensor Tensor(
        PickleStorage storage,
        (ElementType Type, string Name) type,
        object? offset,
        object? sizes,
        object? strides
    )
    {
        budget.Spend(ObjectBytes);
        long[] size = Numbers(sizes);
        long[] stride = Numbers(strides);
        if (offset is not long first || first < 0 || size.Length != stride.Length || size.Length > MaxRank)
        {
            throw Error("has a tensor whose offset, sizes and strides do not match");
        }
        // A storage of bytes may back tensors of any type.
        long available = storage.Count * storage.Type.Size() / type.Type.Size();
        try
        {
            long last = first;
            long bytes = type.Type.Size();
            bool isEmpty = size.Contains(0);
            for (int i = 0; i < size.Length; i++)
            {
                bytes = checked(bytes * Math.Max(size[i], 1));
                last = isEmpty ? last : checked(last + ((size[i] - 1) * stride[i]));
            }
            if (isEmpty ? first > available : last >= available)
            {
                throw Error(
                    $"has a tensor {SourceTensor.Text(size)} that reaches element {last} of a storage of {available}"
                );
            }
        }
        catch (OverflowException)
        {
            throw Error($"has a tensor {SourceTensor.Text(size)} that is larger than any file");
        }
        return new PickleTensor(storage, type.Type, type.Name, first, size, stride);
    }

    private long[] Numbers(object? value)
    {
        IReadOnlyList<object?> items = value switch
        {
            object?[] tuple => tuple,
            List<object?> list => list,
            _ => throw Error("has a tensor whose sizes or strides are not a list of numbers"),
        };
        if (items.Count > MaxRank)
        {
            throw Error($"has a tensor of {items.Count} dimensions");
        }
        budget.Spend(24 + (8L * items.Count));
        var numbers = new long[items.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = items[i] is long n and >= 0 ? n : throw Error("has a tensor with a size or stride below 0");
        }
        return numbers;
    }

    private ModelFileException Error(string what) => new($"{file}: its pickle {what}. Use another copy of the file.");
}
