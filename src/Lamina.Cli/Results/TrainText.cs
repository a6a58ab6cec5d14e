using Lamina.Runs;
using Lamina.Runs.Results;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>Formats the start and the results of a training.</summary>
internal static class TrainText
{
    /// <summary>Prints the data, the model and the recipe of a run.</summary>
    public static void WriteStart(Terminal terminal, RunStart start)
    {
        if (terminal.Verbosity == Verbosity.Quiet)
        {
            return;
        }
        TextWriter output = terminal.Output;
        WriteData(output, start);
        output.WriteLine(
            FormattableString.Invariant(
                $"model  {OneLine.Of(start.ModelName)} at {start.Recipe.Input}×{start.Recipe.Input}, {start.Model.CountParams():N0} parameters"
            )
        );
        foreach (string line in start.WeightNotes)
        {
            output.WriteLine($"       {line}");
        }
        output.WriteLine(
            FormattableString.Invariant($"       recipe {start.Recipe.Name}: {start.RecipeText}, seed {start.Seed}")
        );
        if (start.StepMemory is { } memory)
        {
            output.WriteLine(
                FormattableString.Invariant(
                    $"memory {memory.Recomputed / 1e6:N0} MB per step at most with recomputed activations; {memory.Kept / 1e6:N0} MB without recomputing"
                )
            );
        }
        output.Flush();
        terminal.Detail($"settings: {start.Settings.ToJsonString()}");
        ModelDetails.Libraries(terminal);
    }

    /// <summary>Prints how to resume a run.</summary>
    public static void WriteInterrupted(Terminal terminal, RunResult result)
    {
        terminal.Output.WriteLine(
            $"Interrupted after {result.History.Epochs.Count} of {result.Epochs} epochs. Model and history are in {result.Folder}"
        );
        terminal.Output.WriteLine($"Resume with:  alexnet train --resume {ShellWords.Quote(result.Folder)}");
    }

    /// <summary>Prints the results of a finished run.</summary>
    public static void WriteResult(Terminal terminal, RunResult result)
    {
        TextWriter output = terminal.Output;
        Evaluation test = result.Test!;
        output.WriteLine();
        string crops = test.Crops > 1 ? $", {test.Crops} crops each" : "";
        output.WriteLine(FormattableString.Invariant($"test images    {test.Count}{crops}"));
        output.WriteLine(FormattableString.Invariant($"test loss      {test.Loss:F4}"));
        output.WriteLine($"test accuracy  {Words.Percent(test.Top1)}");
        output.WriteLine($"test top-5     {Words.Percent(test.Top5)}");
        if (result.Baselines is { } baselines)
        {
            output.WriteLine($"baselines      {BaselineText.Short(baselines)}");
        }
        output.WriteLine($"time           {Words.Clock(result.Elapsed)}");
        output.WriteLine($"run folder     {result.Folder}");
        if (result.Warning is { } warning)
        {
            output.WriteLine($"warning        {warning}");
        }
        output.Flush();
    }

    private static void WriteData(TextWriter output, RunStart start)
    {
        output.WriteLine($"data   {OneLine.Of(start.Data.ToString())}");
        if (start.DataNote is { } note)
        {
            output.WriteLine($"       {OneLine.Of(note)}");
        }
        string validated = start.ValidationImages is { } images
            ? FormattableString.Invariant($"{images} to validate on, ")
            : "";
        output.WriteLine(
            FormattableString.Invariant(
                $"       {start.TrainImages} images to train on, {validated}{start.TestImages} to test on, {start.Classes.Count} classes"
            )
        );
        if (start.Baselines is { } baselines)
        {
            output.WriteLine($"       {BaselineText.Line(baselines)}");
        }
    }
}
