namespace Lamina.Runs.Results;

/// <summary>Keeps the mistakes with the highest confidence, for any number of images.</summary>
internal sealed class WorstMistakes(int most)
{
    // The least confident is removed first; the last seen of equals.
    private readonly PriorityQueue<TestPrediction, (double Probability, int Late)> _kept = new(most + 1);

    public void Add(TestPrediction mistake)
    {
        _kept.Enqueue(mistake, (mistake.Probability, -mistake.Image));
        if (_kept.Count > most)
        {
            _kept.Dequeue();
        }
    }

    /// <summary>Returns the kept mistakes, most confident first.</summary>
    public IReadOnlyList<TestPrediction> ToList() =>
        [.. _kept.UnorderedItems.Select(i => i.Element).OrderByDescending(m => m.Probability).ThenBy(m => m.Image)];
}
