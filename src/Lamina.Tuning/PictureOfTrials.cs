namespace Lamina.Tuning;

/// <summary>Describes the picture of a search.</summary>
internal static class PictureOfTrials
{
    public static TuningPicture Of(Objective objective, TuningJournal journal, IReadOnlyList<Trial> ranked)
    {
        Trial? best = ranked.FirstOrDefault(t => t.Score is not null);
        int failed = ranked.Count(t => t.Failure is not null);
        string result = best is null
            ? "no trial has a score"
            : FormattableString.Invariant(
                $"best: trial {best.Number}, {objective.Name} {best.Score:F4} after {best.Epochs} epochs"
            ) + string.Concat(best.Values.Take(4).Select(v => $", {v.Key} {HyperValue.Short(v.Value)}"));
        string counts =
            failed > 0
                ? FormattableString.Invariant($"{ranked.Count} trials, {failed} failed")
                : FormattableString.Invariant($"{ranked.Count} trials");
        return new TuningPicture
        {
            Title = $"Search for hyperparameters: {counts}",
            Subtitle = result,
            Objective = objective.Name,
            IsMaximized = objective.IsMaximized,
            Axes = [.. journal.Parameters.Select(p => new TuningAxis(p, journal.IsLogarithmic(p), journal.Choices(p)))],
            Points =
            [
                .. ranked
                    .Where(t => t.Score is not null || t.Failure is not null)
                    .OrderBy(t => t.Number)
                    .Select(t => new TuningPoint(
                        t.Number,
                        [.. t.Scores.Select(s => (s.Epochs, s.Score))],
                        [.. journal.Parameters.Select(p => Position(t, p, journal.Choices(p)))],
                        t.Failure is not null,
                        t == best
                    )),
            ],
        };
    }

    private static double? Position(Trial trial, string parameter, IReadOnlyList<string>? choices)
    {
        if (!trial.Values.TryGetValue(parameter, out object? value))
        {
            return null;
        }
        return choices is null
            ? Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture)
            : choices.ToList().IndexOf(HyperValue.Short(value));
    }
}
