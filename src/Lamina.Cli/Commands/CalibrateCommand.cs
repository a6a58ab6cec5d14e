using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Lamina.Inspect;
using Lamina.Runs;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>The <c>alexnet calibrate</c> command.</summary>
internal static class CalibrateCommand
{
    private const string Examples = """
          alexnet calibrate runs/walkthrough-20260101-120000
          alexnet calibrate runs/walkthrough-20260101-120000 photos/test --json
          alexnet predict runs/walkthrough-20260101-120000 cat.jpg --calibrated
        """;

    public static Command Create(Terminal terminal)
    {
        var data = new TestDataOptions();
        Option<string?> output = InspectionOutput.Picture("calibration.png");
        Option<bool> dark = InspectionOutput.Dark();
        var json = new Option<bool>("--json") { Description = "Prints JSON." };
        var command = new Command(
            "calibrate",
            "Measures how far to trust probabilities, and fits a temperature that 'predict --calibrated' uses."
        );
        data.AddArgumentsTo(command);
        command.Add(output);
        command.Add(dark);
        command.Add(json);
        data.AddOptionsTo(command);
        var verbosity = new VerbosityOptions();
        verbosity.AddTo(command);
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            verbosity.Apply(parsed, terminal);
            string picture = parsed.GetValue(output) ?? InspectionOutput.Beside(data.Run(parsed), "calibration.png");
            OutputFile.Require(picture);
            using RunClassifier classifier = data.Load(parsed);
            using Interrupts interrupts = InspectionOutput.Listen(terminal);
            var observer = new FeatureObserver(terminal, parsed.GetValue(json));
            CalibrationReport report = RunCalibrator.Calibrate(
                classifier,
                data.Data(parsed),
                observer,
                interrupts.Token
            );
            observer.Conclude();
            RunCalibrator.Draw(picture, report, parsed.GetValue(dark));
            if (parsed.GetValue(json))
            {
                terminal.Output.WriteLine(Json(report, picture));
            }
            else
            {
                Write(terminal.Output, report, picture);
            }
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(TextWriter output, CalibrationReport report, string picture)
    {
        output.WriteLine(
            Invariant(
                $"temperature  {report.Temperature:F3}, fitted to {report.FittedOn} images, measured on {report.Before.Count} others"
            )
        );
        output.WriteLine($"{"", -13}{"before", 10}{"after", 10}");
        Row("confidence", c => Words.Percent(c.Confidence));
        Row("accuracy", c => Words.Percent(c.Accuracy));
        Row("mean gap", c => Words.Percent(c.ExpectedError));
        Row("largest gap", c => Words.Percent(c.LargestError));
        Row("loss", c => c.Loss.ToString("F4", CultureInfo.InvariantCulture));
        output.WriteLine($"picture      {picture}");
        output.WriteLine(
            report.File is { } file
                ? $"kept in      {file}; use it with predict --calibrated"
                : "not kept, as the model is not in a run folder"
        );

        void Row(string name, Func<Calibration, string> value) =>
            output.WriteLine($"{name, -13}{value(report.Before), 10}{value(report.After), 10}");
    }

    private static string Json(CalibrationReport report, string picture) =>
        new JsonObject
        {
            ["temperature"] = report.Temperature,
            ["fitted_on"] = report.FittedOn,
            ["measured_on"] = report.Before.Count,
            ["before"] = Json(report.Before),
            ["after"] = Json(report.After),
            ["picture"] = picture,
            ["file"] = report.File,
        }.ToJsonString(InspectionOutput.Indented);

    private static JsonObject Json(Calibration calibration) =>
        new()
        {
            ["confidence"] = calibration.Confidence,
            ["accuracy"] = calibration.Accuracy,
            ["expected_error"] = calibration.ExpectedError,
            ["largest_error"] = calibration.LargestError,
            ["loss"] = double.IsFinite(calibration.Loss) ? calibration.Loss : null,
            ["bins"] = new JsonArray([
                .. calibration.Bins.Select(b => new JsonObject
                {
                    ["low"] = b.Low,
                    ["high"] = b.High,
                    ["count"] = b.Count,
                    ["confidence"] = b.Confidence,
                    ["accuracy"] = b.Accuracy,
                }),
            ]),
        };

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
