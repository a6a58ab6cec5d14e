using System.Globalization;

namespace Lamina.Tuning;

/// <summary>A trial of a search: values of hyperparameters, and what training with them came to.</summary>
public sealed class Trial
{
    private readonly List<TrialScore> _scores = [];

    internal Trial(int number, IReadOnlyDictionary<string, object> values) => (Number, Values) = (number, values);

    /// <summary>The number, from 1, in the order in which trials were begun.</summary>
    public int Number { get; }

    /// <summary>The values by name: strings, whole numbers, real numbers or truth values.</summary>
    public IReadOnlyDictionary<string, object> Values { get; }

    /// <summary>The scores after each rung; none before the first is complete.</summary>
    public IReadOnlyList<TrialScore> Scores => _scores;

    /// <summary>The reason why the trial failed, one line; <see langword="null"/> if it did not.</summary>
    public string? Failure { get; internal set; }

    /// <summary>The last score; <see langword="null"/> of a failed trial, and before the first rung is complete.</summary>
    public double? Score => Failure is null && _scores.Count > 0 ? _scores[^1].Score : null;

    /// <summary>The number of epochs after which <see cref="Score"/> was taken.</summary>
    public int Epochs => _scores.Count > 0 ? _scores[^1].Epochs : 0;

    /// <summary>The duration of the training.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(_scores.Sum(s => s.Elapsed.Ticks));

    /// <summary>The name of its folder within the search's.</summary>
    public string FolderName => string.Create(CultureInfo.InvariantCulture, $"trial-{Number:000}");

    internal void Add(TrialScore score) => _scores.Add(score);
}

/// <summary>The score of a trial after a rung.</summary>
/// <param name="Epochs">The number of epochs that the trial has had.</param>
/// <param name="Score">The objective after the last of them.</param>
/// <param name="Elapsed">The duration since the rung before.</param>
public sealed record TrialScore(int Epochs, double Score, TimeSpan Elapsed);
