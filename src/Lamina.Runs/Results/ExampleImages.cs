namespace Lamina.Runs.Results;

/// <summary>
/// Keeps a few correctly classified images of each class, and a few of each pair of confused classes, for any number of
/// images.
/// </summary>
internal sealed class ExampleImages
{
    /// <summary>The most images of each class and of each pair.</summary>
    public const int MostOfEach = 3;

    private readonly SortedDictionary<(int Truth, int Said), List<TestPrediction>> _kept = [];

    /// <summary>Adds an image.</summary>
    public void Add(TestPrediction image)
    {
        (int, int) pair = (image.Truth, image.Predicted);
        if (!_kept.TryGetValue(pair, out List<TestPrediction>? images))
        {
            _kept[pair] = images = [];
        }
        int at = images.FindIndex(kept => Rank(kept).CompareTo(Rank(image)) > 0);
        images.Insert(at < 0 ? images.Count : at, image);
        if (images.Count > MostOfEach)
        {
            images.RemoveAt(MostOfEach);
        }
    }

    /// <summary>Returns the kept images of a pair; of a class with itself, the correctly classified ones.</summary>
    public IReadOnlyList<TestPrediction> Of(int truth, int said) => _kept.GetValueOrDefault((truth, said)) ?? [];

    /// <summary>
    /// Chooses images so that every class appears, or evenly spaced classes if there are too many, with both right and wrong
    /// predictions: at least a quarter of each if available.
    /// </summary>
    /// <param name="count">The most images.</param>
    /// <param name="errorRate">The fraction of wrong predictions in the whole test, which the choice follows.</param>
    /// <returns>The images, class by class, correctly classified ones first.</returns>
    public IReadOnlyList<TestPrediction> Choose(int count, double errorRate)
    {
        var right = new Stock(_kept.Where(k => k.Key.Truth == k.Key.Said).SelectMany(k => k.Value));
        var wrong = new Stock(_kept.Where(k => k.Key.Truth != k.Key.Said).SelectMany(k => k.Value));
        int wanted = Math.Clamp((int)Math.Round(count * errorRate), count / 4, count - (count / 4));
        var chosen = new List<TestPrediction>();
        int[] classes = Even([.. _kept.Keys.Select(k => k.Truth).Distinct()], count);
        for (int i = 0; i < classes.Length; i++)
        {
            // Wrong predictions are evenly spaced, too.
            bool isWrong = (i + 1) * wanted / count > i * wanted / count;
            (Stock first, Stock second) = isWrong ? (wrong, right) : (right, wrong);
            chosen.Add(first.Take(classes[i]) ?? second.Take(classes[i])!.Value);
        }
        while (chosen.Count < count)
        {
            bool isWrong = chosen.Count(p => p.Truth != p.Predicted) < wanted;
            (Stock first, Stock second) = isWrong ? (wrong, right) : (right, wrong);
            if ((first.Take() ?? second.Take()) is not { } next)
            {
                break;
            }
            chosen.Add(next);
        }
        return [.. chosen.OrderBy(p => p.Truth).ThenBy(p => p.Truth != p.Predicted).ThenBy(p => p.Image)];
    }

    private static int[] Even(int[] all, int count) =>
        all.Length <= count
            ? all
            : [.. Enumerable.Range(0, count).Select(i => all[(int)((long)i * all.Length / count)])];

    /// <summary>Orders mistakes by confidence, and others in an order independent of the images.</summary>
    private static (double, uint) Rank(TestPrediction image)
    {
        uint mixed = unchecked((uint)image.Image * 2654435761u);
        return image.Truth == image.Predicted ? (0, mixed) : (-image.Probability, mixed);
    }

    /// <summary>The images to choose from, by class in turn.</summary>
    private sealed class Stock
    {
        private readonly SortedDictionary<int, Queue<TestPrediction>> _classes = [];
        private readonly Queue<int> _turn;

        public Stock(IEnumerable<TestPrediction> images)
        {
            foreach (TestPrediction image in images.OrderByDescending(p => p.Truth == p.Predicted ? 0 : p.Probability))
            {
                if (!_classes.TryGetValue(image.Truth, out Queue<TestPrediction>? queue))
                {
                    _classes[image.Truth] = queue = [];
                }
                queue.Enqueue(image);
            }
            _turn = new Queue<int>(_classes.Keys);
        }

        /// <summary>Removes and returns the next image of a class.</summary>
        public TestPrediction? Take(int label) =>
            _classes.TryGetValue(label, out Queue<TestPrediction>? images) && images.TryDequeue(out var next)
                ? next
                : null;

        /// <summary>Removes and returns the next image of the next class.</summary>
        public TestPrediction? Take()
        {
            while (_turn.TryDequeue(out int label))
            {
                if (Take(label) is { } next)
                {
                    _turn.Enqueue(label);
                    return next;
                }
            }
            return null;
        }
    }
}
