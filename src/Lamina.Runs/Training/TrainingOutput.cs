using System.Text.Json.Nodes;
using Lamina.Runs.Folder;
using Lamina.Runs.Report;
using Lamina.Runs.Results;

namespace Lamina.Runs.Training;

/// <summary>Writes what a training leaves in its folder.</summary>
internal static class TrainingOutput
{
    /// <summary>The status of a run that can be resumed.</summary>
    public const string InterruptedStatus = "interrupted";

    /// <summary>Writes the report.</summary>
    public static void WriteReport(RunFolder folder, RunResult result, LabeledImages images, string? commandText)
    {
        ReportFact[] facts = commandText is { } command ? [new("command", command)] : [];
        var outcome = new RunOutcome(
            result.Model,
            result.History.Epochs,
            result.Test!,
            images,
            result.Elapsed,
            result.Baselines
        );
        RunReport.Write(folder.Report, RunReportContent.Of(folder, result.Info, outcome, facts));
    }

    /// <summary>Writes the summary and the picture of a model.</summary>
    public static void WriteDescription(RunFolder folder, Model model)
    {
        using var text = new StringWriter { NewLine = "\n" };
        model.Summary(text);
        AtomicFile.WriteAllText(folder.Summary, text.ToString());
        Plotting.PlotModel(model, folder.ModelPicture, showShapes: true);
    }

    /// <summary>Saves the model, with the optimizer's state of the phase that was reached.</summary>
    public static void Save(Model model, RunInfo info, RunFolder folder, Model trained) =>
        ModelFile.Save(
            model,
            folder.Model,
            new SaveOptions { Metadata = info.ToJson(), OptimizerState = trained.Compiled!.GetOptimizerState() }
        );

    /// <summary>Records that a run has failed or was interrupted, if the disk allows.</summary>
    public static void NoteFailure(RunRecord record, Exception error)
    {
        try
        {
            record.SetStatus(error is OperationCanceledException ? InterruptedStatus : "failed");
        }
        catch (LaminaException)
        {
            // The disk is full, say: what was thrown first is what to report.
        }
    }

    /// <summary>Returns the results of a test as the run's record contains them.</summary>
    public static JsonObject ResultJson(Evaluation result) =>
        new()
        {
            ["images"] = result.Count,
            ["loss"] = double.IsFinite(result.Loss) ? result.Loss : null,
            ["top1"] = result.Top1,
            ["top5"] = result.Top5,
            ["crops"] = result.Crops,
        };
}
