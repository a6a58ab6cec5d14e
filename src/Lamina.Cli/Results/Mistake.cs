namespace Lamina.Cli;

/// <summary>A test image that a model took for another class.</summary>
/// <param name="Image">The image's place in the test data.</param>
/// <param name="Truth">Its class.</param>
/// <param name="Said">The class that the model thinks best.</param>
/// <param name="Probability">That class's probability.</param>
internal readonly record struct Mistake(int Image, int Truth, int Said, double Probability);

/// <summary>Keeps the mistakes that a model is surest of, whatever the number of images.</summary>
internal sealed class WorstMistakes(int most)
{
    // The least of those kept comes out first; of equals the one that was seen last.
    private readonly PriorityQueue<Mistake, (double Probability, int Late)> _kept = new(most + 1);

    public void Add(Mistake mistake)
    {
        _kept.Enqueue(mistake, (mistake.Probability, -mistake.Image));
        if (_kept.Count > most)
        {
            _kept.Dequeue();
        }
    }

    /// <summary>Those kept, the surest first.</summary>
    public IReadOnlyList<Mistake> ToList() =>
        [.. _kept.UnorderedItems.Select(i => i.Element).OrderByDescending(m => m.Probability).ThenBy(m => m.Image)];
}
