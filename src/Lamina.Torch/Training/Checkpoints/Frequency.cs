namespace Lamina;

/// <summary>How often a callback acts: <c>"epoch"</c> (the default), <c>"batch"</c>, or a number of batches.</summary>
public readonly record struct Frequency
{
    private Frequency(int batches) => Batches = batches;

    /// <summary>The batches between two actions; 0 for epochs.</summary>
    public int Batches { get; }

    /// <summary>Each epoch.</summary>
    public static Frequency Epoch => default;

    /// <summary>Each so many batches.</summary>
    /// <param name="batches">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer.</exception>
    public static Frequency EveryBatches(int batches)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batches, 1);
        return new Frequency(batches);
    }

    /// <summary>The frequency of this Keras name.</summary>
    /// <exception cref="ArgumentException">It is neither epoch nor batch.</exception>
    public static Frequency FromName(string name) =>
        name switch
        {
            "epoch" => Epoch,
            "batch" => EveryBatches(1),
            _ => throw new ArgumentException($"'{name}' is no frequency. Use epoch, batch or a number of batches."),
        };

    /// <summary>Each so many batches.</summary>
    public static implicit operator Frequency(int batches) => EveryBatches(batches);

    /// <summary>The frequency of this Keras name.</summary>
    public static implicit operator Frequency(string name) => FromName(name);

    /// <inheritdoc/>
    public override string ToString() => Batches == 0 ? "epoch" : $"{Batches} batches";
}
