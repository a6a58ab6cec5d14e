using System.Diagnostics;
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
/// <param name="observer">The observer of progress.</param>
internal sealed class PreprocessingGuess(Model network, LabeledImages images, long seed, RunObserver observer)
{
    private const int MostImages = 300;
    private const int FirstImages = 100;
    private const int FirstPerClass = 4;
    private const int Finalists = 2;
    private const int Batch = 32;

    /// <summary>By how much another preprocessing must be more accurate to doubt the one that was named.</summary>
    private const double Doubtful = 0.05;

    /// <summary>The images below which accuracies say too little to doubt the one that was named.</summary>
    private const int LeastToDoubt = 20;

    private readonly int[] _order = Order(images.Count, seed);
    private readonly long _started = Stopwatch.GetTimestamp();
    private int _total;
    private int _done;

    private int Sampled => _order.Length;

    // With few images of a class, all of the sample decide at once.
    private int First => Math.Min(Sampled, Math.Max(FirstImages, FirstPerClass * images.ClassNames.Count));

    /// <summary>Chooses among the presets.</summary>
    /// <param name="cancellation">Ends the search.</param>
    /// <returns>The best preprocessing, and a warning that says what was tried.</returns>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public (Preprocessing Preprocessing, string Warning) Choose(CancellationToken cancellation)
    {
        Trial[] trials = [.. NamedPreprocessing.Candidates.Select(Named)];
        observer.OnMessage($"finding out how images are prepared, by {trials.Length} presets");
        Trial[] ranked = Rank(trials, Finalists, cancellation);
        Trial best = ranked[0];
        return (
            best.Preprocessing,
            $"the weights do not say how images are prepared; chosen '{best.Name}', whose features separate {Sampled} of the "
                + $"images best ({string.Join(", ", ranked.Select(t => t.ToString()))}). If you know better, name it with --preprocessing."
        );
    }

    /// <summary>Returns a warning if a preset separates the classes clearly better than what was named; else null.</summary>
    /// <param name="name">The name.</param>
    /// <param name="named">The preprocessing that the name stands for.</param>
    /// <param name="cancellation">Ends the comparison.</param>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public string? Doubt(string name, Preprocessing named, CancellationToken cancellation)
    {
        if (Sampled < LeastToDoubt)
        {
            return null;
        }
        observer.OnMessage($"comparing the preprocessing {OneLine.Of(name)} with presets");
        var given = new Trial(OneLine.Of(name), named);
        Trial[] others = [.. NamedPreprocessing.Candidates.Where(n => n != name).Select(Named)];
        _total = Sampled - First;
        Trial best = Rank(others, 1, cancellation, given)[0];
        Extend(given, 0, Sampled, cancellation);
        return
            best.Probe!.LeaveOneOutError < given.Probe!.LeaveOneOutError
            && best.Probe.LeaveOneOutAccuracy >= given.Probe.LeaveOneOutAccuracy + Doubtful
            ? $"with the preprocessing {given} the features separate {Sampled} of the images worse than with {best}. "
                + "Check which one the network was trained with."
            : null;
    }

    // All presets on some of the images, the best of them on the others, too.
    private Trial[] Rank(Trial[] trials, int finalists, CancellationToken cancellation, Trial? beside = null)
    {
        _total += ((trials.Length + (beside is null ? 0 : 1)) * First) + (finalists * (Sampled - First));
        foreach (Trial trial in trials)
        {
            Extend(trial, 0, First, cancellation);
        }
        Trial[] ranked = [.. trials.OrderBy(t => t.Probe!.LeaveOneOutError)];
        foreach (Trial trial in ranked.Take(finalists))
        {
            Extend(trial, First, Sampled, cancellation);
        }
        return [.. ranked.Take(finalists).OrderBy(t => t.Probe!.LeaveOneOutError), .. ranked.Skip(finalists)];
    }

    private Trial Named(string name) => new(name, NamedPreprocessing.Read(network, name));

    private void Extend(Trial trial, int from, int to, CancellationToken cancellation)
    {
        if (from == to)
        {
            return;
        }
        // Images that cannot be read are reported by the training itself.
        var loader = new DataLoader(
            images.Subset([.. _order[from..to].Order()]),
            trial.Preprocessing,
            new DataLoaderOptions { BatchSize = Batch }
        );
        foreach (Batch batch in loader.Batches(0))
        {
            cancellation.ThrowIfCancellationRequested();
            trial.Features.AddRange(network.Predict(batch.Inputs[0], Batch).Values);
            trial.Labels.AddRange(batch.Targets[0].Values.ToArray().Select(l => (int)l));
            Report(batch.Count);
        }
        int count = trial.Labels.Count;
        var rows = new NDArray(Shape.Of(count, trial.Features.Count / count), trial.Features.ToArray());
        trial.Probe = LinearProbe.Fit(rows, trial.Labels, images.ClassNames.Count);
    }

    private void Report(int count)
    {
        _done += count;
        double seconds = Stopwatch.GetElapsedTime(_started).TotalSeconds;
        double rate = seconds > 0 ? _done / seconds : 0;
        TimeSpan left = rate > 0 ? TimeSpan.FromSeconds(Math.Max(0, _total - _done) / rate) : TimeSpan.Zero;
        observer.OnFeatureProgress(new FeatureProgress(_done, Math.Max(_total, _done), rate, left));
    }

    private static int[] Order(int count, long seed)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new RandomStream(seed, RandomPurpose.User, step: 2).Shuffle(order.AsSpan());
        return order[..Math.Min(count, MostImages)];
    }

    private sealed record Trial(string Name, Preprocessing Preprocessing)
    {
        public List<float> Features { get; } = [];

        public List<int> Labels { get; } = [];

        public LinearProbe? Probe { get; set; }

        public override string ToString() =>
            Probe is null ? Name : $"{Name} {Words.Percent(Probe.LeaveOneOutAccuracy)}";
    }
}
