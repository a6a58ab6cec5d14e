namespace Lamina;

/// <summary>
/// The limit on the memory of a pickle's objects, so that no short file becomes a large heap. A network's state dict
/// needs about one kilobyte per tensor.
/// </summary>
/// <param name="file">The file's name in errors.</param>
internal sealed class PickleBudget(string file)
{
    private const long Limit = 32L << 20;
    private long _spent;

    /// <summary>Counts bytes before they are allocated.</summary>
    /// <exception cref="ModelFileException">The limit is exceeded.</exception>
    public void Spend(long bytes)
    {
        _spent += bytes;
        if (_spent > Limit)
        {
            throw new ModelFileException(
                $"{file}: its pickle would take over {Limit >> 20} MB of objects, more than any state dict. Save only model.state_dict()."
            );
        }
    }
}
