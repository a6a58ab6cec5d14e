namespace Lamina;

/// <summary>The limit on the memory of objects that a file describes, so that no short file becomes a large heap.</summary>
/// <param name="limit">The limit in bytes.</param>
/// <param name="subject">The subject of the error: the file, and its part that is read.</param>
/// <param name="objects">The objects that take the memory, and the advice that ends the error.</param>
internal sealed class MemoryBudget(long limit, string subject, string objects)
{
    private long _spent;

    /// <summary>Counts bytes before they are allocated.</summary>
    /// <exception cref="ModelFileException">The limit is exceeded.</exception>
    public void Spend(long bytes)
    {
        _spent += bytes;
        if (_spent > limit)
        {
            throw new ModelFileException($"{subject} would take over {limit >> 20} MB of {objects}");
        }
    }
}
