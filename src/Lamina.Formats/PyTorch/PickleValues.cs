namespace Lamina;

// What a pickle holds, apart from null, bool, long, double and string: tuples are object?[], lists and sets List<object?>.

/// <summary>A name of Python's that a pickle refers to, one of the few that a state dict needs. It is never looked up.</summary>
internal sealed record PickleGlobal(string Name);

/// <summary>A dict or an OrderedDict.</summary>
internal sealed class PickleDict
{
    /// <summary>The items in the order in which they were added; a key may come again.</summary>
    public List<(object? Key, object? Value)> Items { get; } = [];
}

/// <summary>Bytes, or something else whose value nobody needs.</summary>
internal sealed record PickleOpaque
{
    public static PickleOpaque Instance { get; } = new();
}

/// <summary>The memory behind tensors: a file in the archive.</summary>
/// <param name="Entry">Where it lies.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="TypeName">That type in PyTorch's words.</param>
/// <param name="Count">The number of its elements, which the file has.</param>
internal sealed record PickleStorage(StoredEntry Entry, ElementType Type, string TypeName, long Count);

/// <summary>A tensor: a view of a storage, within its bounds.</summary>
/// <param name="Storage">The storage.</param>
/// <param name="Type">The type of an element.</param>
/// <param name="TypeName">That type in PyTorch's words.</param>
/// <param name="Offset">The first element's place.</param>
/// <param name="Sizes">The sizes, outermost first.</param>
/// <param name="Strides">The distance in elements between neighbours along each dimension, at least 0.</param>
internal sealed record PickleTensor(
    PickleStorage Storage,
    ElementType Type,
    string TypeName,
    long Offset,
    long[] Sizes,
    long[] Strides
);
