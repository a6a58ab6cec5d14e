using System.Globalization;
using Lamina.Runs.Text;
using Lamina.Tuning;

namespace Lamina.Cli;

/// <summary>Formats a search for hyperparameters.</summary>
internal static class TuneText
{
    /// <summary>Returns the method, the number of trials and their epochs.</summary>
    public static string Plan(RunTuner tuner)
    {
        SearchPlan plan = tuner.Options.Plan;
        string brackets =
            plan.Brackets.Count > 1 || plan.Brackets[0].Count > 1
                ? FormattableString.Invariant($" up to {plan.Epochs} epochs, {plan.TotalEpochs} epochs in all")
                : FormattableString.Invariant($" of {plan.Epochs} {(plan.Epochs == 1 ? "epoch" : "epochs")}");
        return FormattableString.Invariant(
            $"search {plan.Name}, {plan.Trials} {(plan.Trials == 1 ? "trial" : "trials")}{brackets}, by {tuner.Options.Objective.Name}, seed {tuner.Options.Seed}"
        );
    }

    /// <summary>Returns the hyperparameters.</summary>
    public static string Space(RunTuner tuner) =>
        "vary   " + string.Join(", ", tuner.Space.Parameters.Select(p => p.ToString()));

    /// <summary>Returns the live line within a trial.</summary>
    public static string Live(string trial, BatchLog log)
    {
        string loss = log.Logs.TryGetValue("loss", out double value)
            ? $"  loss {value.ToString("F4", CultureInfo.InvariantCulture)}"
            : "";
        return FormattableString.Invariant(
            $"{trial}  epoch {log.Epoch + 1}/{log.Epochs}  step {log.Batch}/{log.Batches}{loss}"
        );
    }

    /// <summary>Returns the result of a trial, with the best so far and the time left.</summary>
    public static string Line(Trial trial, Trial? best, TuningProgress progress)
    {
        string values = string.Join("  ", trial.Values.Select(v => $"{v.Key} {HyperValue.Short(v.Value)}"));
        string result = trial.Score is { } score
            ? FormattableString.Invariant($"epochs {trial.Epochs}  {score:F4}")
            : $"failed: {trial.Failure}";
        string leader = best is null
            ? ""
            : FormattableString.Invariant($"  best {best.Score:F4} (trial {best.Number})");
        string left =
            progress.Remaining is { } time && progress.Epochs < progress.TotalEpochs
                ? $"  {Words.Clock(time)} left"
                : "";
        return OneLine.Of(
            FormattableString.Invariant($"trial {trial.Number}/{progress.Trials}  {values}  {result}{leader}{left}")
        );
    }

    /// <summary>Prints the table and the best trial.</summary>
    public static void WriteResult(TextWriter output, RunTuningResult result)
    {
        TuningResult trials = result.Trials;
        output.WriteLine();
        output.Write(trials.ToString());
        output.WriteLine();
        if (trials.Failures is { } failures)
        {
            output.WriteLine(OneLine.Of(failures));
        }
        if (result.Run?.Test is { } test)
        {
            output.WriteLine(
                FormattableString.Invariant(
                    $"test accuracy  {Words.Percent(test.Top1)} of {test.Count} images, by the best trial"
                )
            );
        }
        if (result.BestRun is { } run)
        {
            output.WriteLine($"best run       {run}");
            output.WriteLine($"use it with:   alexnet evaluate {ShellWords.Quote(run)}");
        }
        output.WriteLine($"table          {Path.Combine(trials.Folder, TuningJournal.TableName)}");
        if (trials.Trials.Count > 0)
        {
            output.WriteLine($"picture        {Path.Combine(trials.Folder, TrialSearch.PictureName)}");
        }
        output.Flush();
    }

    /// <summary>Prints how to go on with a search.</summary>
    public static void WriteInterrupted(TextWriter output, TuningResult result, IReadOnlyList<string> command)
    {
        output.WriteLine(
            FormattableString.Invariant(
                $"Interrupted after {result.Trials.Count(t => t.Scores.Count > 0)} of {result.PlannedTrials} trials."
            )
        );
        output.WriteLine($"Go on with:  {ShellWords.Join(command)}");
        output.Flush();
    }
}
