using Lamina.Runs.Sources;
using Lamina.Runs.Text;

namespace Lamina.Runs.Transfer;

/// <summary>
/// Finds how a network that does not say so wants its images prepared: the preprocessing with which its features of some
/// training images separate the classes best, by a linear probe that leaves each image out in turn.
/// </summary>
/// <param name="network">The network from images to features.</param>
/// <param name="images">The training images.</param>
/// <param name="seed">The seed of the sample.</param>
internal sealed class PreprocessingGuess(Model network, LabeledImages images, long seed)
{
    private const int MostImages = 300;
    private const int Batch = 32;

    /// <summary>By how much another preprocessing must be more accurate to doubt the one that was named.</summary>
    private const double Doubtful = 0.05;

    private readonly LabeledImages _sample = Sample(images, seed);

    /// <summary>Chooses among the presets.</summary>
    /// <param name="cancellation">Ends the search.</param>
    /// <returns>The best preprocessing, and a warning that says what was tried.</returns>
    public (Preprocessing Preprocessing, string Warning) Choose(CancellationToken cancellation)
    {
        Trial[] trials = [.. NamedPreprocessing.Candidates.Select(n => Try(n, cancellation))];
        Trial best = trials.MinBy(t => t.Probe.LeaveOneOutError)!;
        IEnumerable<string> all = trials.OrderBy(t => t.Probe.LeaveOneOutError).Select(t => t.ToString());
        return (
            best.Preprocessing,
            $"the weights do not say how images are prepared; chosen '{best.Name}', whose features separate {_sample.Count} of the "
                + $"images best ({string.Join(", ", all)}). If you know better, name it with --preprocessing."
        );
    }

    /// <summary>Returns a warning if a preset separates the classes clearly better than what was named; else null.</summary>
    /// <param name="name">The name.</param>
    /// <param name="named">What it stands for.</param>
    /// <param name="cancellation">Ends the comparison.</param>
    public string? Doubt(string name, Preprocessing named, CancellationToken cancellation)
    {
        Trial given = Try(OneLine.Of(name), named, cancellation);
        Trial best = NamedPreprocessing
            .Candidates.Where(n => n != name)
            .Select(n => Try(n, cancellation))
            .MinBy(t => t.Probe.LeaveOneOutError)!;
        return
            best.Probe.LeaveOneOutError < given.Probe.LeaveOneOutError
            && best.Probe.LeaveOneOutAccuracy >= given.Probe.LeaveOneOutAccuracy + Doubtful
            ? $"with the preprocessing {given} the features separate {_sample.Count} of the images worse than with {best}. "
                + "Check which one the network was trained with."
            : null;
    }

    private Trial Try(string name, CancellationToken cancellation) =>
        Try(name, NamedPreprocessing.Read(network, name), cancellation);

    private Trial Try(string name, Preprocessing preprocessing, CancellationToken cancellation)
    {
        // Images that cannot be read are reported by the training itself.
        var loader = new DataLoader(_sample, preprocessing, new DataLoaderOptions { BatchSize = Batch });
        List<float> features = [];
        List<int> labels = [];
        foreach (Batch batch in loader.Batches(0))
        {
            cancellation.ThrowIfCancellationRequested();
            features.AddRange(network.Predict(batch.Inputs[0], Batch).Values);
            labels.AddRange(batch.Targets[0].Values.ToArray().Select(l => (int)l));
        }
        var rows = new NDArray(Shape.Of(labels.Count, features.Count / labels.Count), features.ToArray());
        return new Trial(name, preprocessing, LinearProbe.Fit(rows, labels, _sample.ClassNames.Count));
    }

    private static LabeledImages Sample(LabeledImages images, long seed)
    {
        int[] order = [.. Enumerable.Range(0, images.Count)];
        new RandomStream(seed, RandomPurpose.User, step: 2).Shuffle(order.AsSpan());
        return images.Subset([.. order.Take(MostImages).Order()]);
    }

    private sealed record Trial(string Name, Preprocessing Preprocessing, LinearProbe Probe)
    {
        public override string ToString() => $"{Name} {Words.Percent(Probe.LeaveOneOutAccuracy)}";
    }
}
