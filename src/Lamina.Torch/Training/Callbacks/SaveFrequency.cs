namespace Lamina;

/// <summary>How often something is saved: Keras's <c>save_freq</c>. <c>"epoch"</c>, or a number of batches.</summary>
public readonly record struct SaveFrequency
{
    private SaveFrequency(int? batches) => Batches = batches;

    /// <summary>After every epoch; the default.</summary>
    public static SaveFrequency Epoch => default;

    /// <summary>Not by itself: only when a run is asked to end.</summary>
    public static SaveFrequency Never => new(0);

    /// <summary>How many batches lie between two; <see langword="null"/> for an epoch's, 0 for never.</summary>
    public int? Batches { get; }

    /// <summary>After so many batches.</summary>
    /// <param name="batches">At least 1.</param>
    public static SaveFrequency Every(int batches)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batches, 1);
        return new SaveFrequency(batches);
    }

    /// <summary>After so many batches.</summary>
    public static implicit operator SaveFrequency(int batches) => Every(batches);

    /// <summary>Keras's word: <c>"epoch"</c>.</summary>
    /// <exception cref="ArgumentException">It is another word.</exception>
    public static implicit operator SaveFrequency(string word) => FromString(word);

    /// <summary>After so many batches.</summary>
    public static SaveFrequency FromInt32(int batches) => Every(batches);

    /// <summary>Keras's word: <c>"epoch"</c>.</summary>
    /// <exception cref="ArgumentException">It is another word.</exception>
    public static SaveFrequency FromString(string word) =>
        word == "epoch"
            ? Epoch
            : throw new ArgumentException(
                $"'{word}' is no save frequency. Use \"epoch\" or a number of batches.",
                nameof(word)
            );
}
