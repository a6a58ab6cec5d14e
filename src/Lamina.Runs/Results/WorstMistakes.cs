namespace Lamina.Runs.Results;

/// <summary>Keeps the mistakes that a model is surest of, whatever the number of images.</summary>
internal sealed class WorstMistakes(int most)
{
    // The least of those kept comes out first; of equals the one that was seen last.
    private readonly PriorityQueue<TestPrediction, (double Probability, int Late)> _kept = new(most + 1);

    public void Add(TestPrediction mistake)
    {
        _kept.Enqueue(mistake, (mistake.Probability, -mistake.Image));
        if (_kept.Count > most)
        {
            _kept.Dequeue();
        }
    }

    /// <summary>Those kept, the surest first.</summary>
    public IReadOnlyList<TestPrediction> ToList() =>
        [.. _kept.UnorderedItems.Select(i => i.Element).OrderByDescending(m => m.Probability).ThenBy(m => m.Image)];
}
