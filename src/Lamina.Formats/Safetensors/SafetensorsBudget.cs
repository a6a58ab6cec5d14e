namespace Lamina;

/// <summary>The memory that a header's tensors and texts may take beyond the header itself.</summary>
/// <param name="file">The file's name in errors.</param>
internal sealed class SafetensorsBudget(string file)
{
    /// <summary>What reading a tensor takes, garbage and all, without its name and numbers.</summary>
    public const int TensorBytes = 1000;

    /// <summary>What a number of a shape takes.</summary>
    public const int NumberBytes = 24;

    private const long Limit = 48L << 20;
    private long _spent;

    /// <summary>Counts bytes before they are allocated.</summary>
    /// <exception cref="ModelFileException">It is too much.</exception>
    public void Spend(long bytes)
    {
        _spent += bytes;
        if (_spent > Limit)
        {
            throw new ModelFileException(
                $"{file}: its safetensors header would take over {Limit >> 20} MB of names, shapes and metadata, more than any model's."
            );
        }
    }
}
