namespace Lamina;

// The content of a pickle, apart from null, bool, long, double and string: tuples are object?[], lists and sets
// List<object?>.

/// <summary>
/// A Python name that a pickle refers to, one of the few that a state dict needs. It is never looked up.
/// </summary>
internal sealed record PickleGlobal(string Name);

/// <summary>A dict or an OrderedDict.</summary>
internal sealed class PickleDict
{
    /// <summary>The items in the order in which they were added; a key may be repeated.</summary>
    public List<(object? Key, object? Value)> Items { get; } = [];
}

/// <summary>Bytes, or another value that is not needed.</summary>
internal sealed record PickleOpaque
{
    public static PickleOpaque Instance { get; } = new();
}

/// <summary>The memory behind tensors: a file in the archive.</summary>
/// <param name="Entry">The position of the file.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="TypeName">The element type as PyTorch spells it.</param>
/// <param name="Count">The number of its elements, which the file contains.</param>
internal sealed record PickleStorage(StoredEntry Entry, ElementType Type, string TypeName, long Count);

/// <summary>A tensor: a view of a storage, within its bounds.</summary>
/// <param name="Storage">The storage.</param>
/// <param name="Type">The type of an element.</param>
/// <param name="TypeName">The element type as PyTorch spells it.</param>
/// <param name="Offset">The position of the first element.</param>
/// <param name="Sizes">The sizes, outermost first.</param>
/// <param name="Strides">The distance in elements between neighbors along each dimension, at least 0.</param>
internal sealed record PickleTensor(
    PickleStorage Storage,
    ElementType Type,
    string TypeName,
    long Offset,
    long[] Sizes,
    long[] Strides
);
