namespace Lamina;

/// <summary>The limit on the memory of a header's tensors and texts, beyond the header itself.</summary>
/// <param name="file">The file's name in errors.</param>
internal sealed class SafetensorsBudget(string file)
{
    /// <summary>The memory for reading a tensor, including garbage, without its name and numbers.</summary>
    public const int TensorBytes = 1000;

    /// <summary>The memory of a number of a shape.</summary>
    public const int NumberBytes = 24;

    private const long Limit = 48L << 20;
    private long _spent;

    /// <summary>Counts bytes before they are allocated.</summary>
    /// <exception cref="ModelFileException">The limit is exceeded.</exception>
    public void Spend(long bytes)
    {
        _spent += bytes;
        if (_spent > Limit)
        {
            throw new ModelFileException(
                $"{file}: its safetensors header would take over {Limit >> 20} MB of names, shapes and metadata, more than any model."
            );
        }
    }
}
