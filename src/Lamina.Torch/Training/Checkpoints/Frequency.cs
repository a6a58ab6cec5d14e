namespace Lamina;

/// <summary>
/// The interval at which a callback acts: <c>"epoch"</c> (the default), <c>"batch"</c>, or a number of batches.
/// </summary>
public readonly record struct Frequency
{
    private Frequency(int batches) => Batches = batches;

    /// <summary>The number of batches between two actions; 0 for epochs.</summary>
    public int Batches { get; }

    /// <summary>The interval of one epoch.</summary>
    public static Frequency Epoch => default;

    /// <summary>Returns an interval in batches.</summary>
    /// <param name="batches">The number of batches, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batches"/> is below 1.</exception>
    public static Frequency EveryBatches(int batches)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batches, 1);
        return new Frequency(batches);
    }

    /// <summary>Returns the interval with this Keras name.</summary>
    /// <exception cref="ArgumentException">The name is neither epoch nor batch.</exception>
    public static Frequency FromName(string name) =>
        name switch
        {
            "epoch" => Epoch,
            "batch" => EveryBatches(1),
            _ => throw new ArgumentException($"'{name}' is not a frequency. Use epoch, batch or a number of batches."),
        };

    /// <summary>Converts a number of batches to an interval.</summary>
    public static implicit operator Frequency(int batches) => EveryBatches(batches);

    /// <summary>Returns the interval with this Keras name.</summary>
    public static implicit operator Frequency(string name) => FromName(name);

    /// <inheritdoc/>
    public override string ToString() => Batches == 0 ? "epoch" : $"{Batches} batches";
}
