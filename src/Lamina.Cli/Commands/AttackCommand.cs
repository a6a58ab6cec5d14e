using System.CommandLine;
using System.Text.Json.Nodes;
using Lamina.Runs;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>The <c>alexnet attack</c> command.</summary>
internal static class AttackCommand
{
    private const int MostImages = 1_000_000;
    private const int MostSteps = 1000;
    private const string Examples = """
          alexnet attack runs/walkthrough-20260101-120000
          alexnet attack runs/walkthrough-20260101-120000 photos/test --epsilon 1 --epsilon 8 --steps 20
        """;

    public static Command Create(Terminal terminal)
    {
        var standard = new AttackSettings();
        var data = new TestDataOptions();
        var epsilons = new Option<double[]>("--epsilon")
        {
            Description =
                $"Sets the most that a pixel changes, of 255. Default: {string.Join(", ", standard.Epsilons)}.",
            HelpName = "X",
            AllowMultipleArgumentsPerToken = true,
        };
        epsilons.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(t => !IsEpsilon(t.Value)) is { } wrong)
            {
                result.AddError($"--epsilon: '{wrong.Value}' is not a number from 0 to 255.");
            }
        });
        Option<int> steps = NumberOption.Whole(
            "--steps",
            "Sets the steps of projected gradient descent.",
            standard.Steps,
            2,
            MostSteps
        );
        Option<int> images = NumberOption.Whole(
            "--images",
            "Sets the most images to attack, drawn at random.",
            standard.Images,
            1,
            MostImages
        );
        Option<string?> output = InspectionOutput.Folder("attack");
        Option<bool> dark = InspectionOutput.Dark();
        var json = new Option<bool>("--json") { Description = "Prints JSON." };
        var command = new Command(
            "attack",
            "Measures the accuracy on adversarial images (FGSM, PGD) of growing change."
        );
        data.AddArgumentsTo(command);
        new Option[] { epsilons, steps, images, output, dark, json }
            .ToList()
            .ForEach(command.Add);
        data.AddOptionsTo(command);
        var verbosity = new VerbosityOptions();
        verbosity.AddTo(command);
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            verbosity.Apply(parsed, terminal);
            using RunClassifier classifier = data.Load(parsed);
            using Interrupts interrupts = InspectionOutput.Listen(terminal);
            var observer = new FeatureObserver(terminal, parsed.GetValue(json));
            AttackReport report = RunAttacker.Attack(
                classifier,
                new AttackSettings
                {
                    Data = data.Data(parsed),
                    Images = parsed.GetValue(images),
                    Steps = parsed.GetValue(steps),
                    Epsilons = parsed.GetValue(epsilons) is { Length: > 0 } given
                        ? [.. given.Distinct().Order()]
                        : standard.Epsilons,
                },
                observer,
                interrupts.Token
            );
            observer.Conclude();
            var pictures = new InspectionOutput(parsed.GetValue(output), data.Run(parsed), "attack");
            string curve = pictures.FileFor("accuracy");
            string examples = pictures.FileFor("examples");
            RunAttacker.Draw(curve, report, parsed.GetValue(dark));
            bool hasExamples = RunAttacker.DrawExamples(examples, report, parsed.GetValue(dark));
            if (parsed.GetValue(json))
            {
                terminal.Output.WriteLine(Json(report, curve, hasExamples ? examples : null));
            }
            else
            {
                Write(terminal.Output, report, curve, hasExamples ? examples : "none, as no prediction was misled");
            }
            return ExitCode.Done;
        });
        return command;
    }

    private static bool IsEpsilon(string text) =>
        double.TryParse(
            text,
            System.Globalization.NumberStyles.Float,
            System.Globalization.CultureInfo.InvariantCulture,
            out double value
        ) && value is >= 0 and <= 255;

    private static void Write(TextWriter output, AttackReport report, string curve, string examples)
    {
        output.WriteLine(FormattableString.Invariant($"accuracy on {report.Images} images"));
        output.WriteLine($"{"epsilon/255", 11}{"one step", 11}{$"{report.Steps} steps", 11}");
        foreach (AttackPoint point in report.Points)
        {
            string epsilon = point.Epsilon.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture);
            output.WriteLine($"{epsilon, 11}{Words.Percent(point.OneStep), 11}{Words.Percent(point.ManySteps), 11}");
        }
        output.WriteLine($"curve     {curve}");
        output.WriteLine($"examples  {examples}");
    }

    private static string Json(AttackReport report, string curve, string? examples) =>
        new JsonObject
        {
            ["images"] = report.Images,
            ["steps"] = report.Steps,
            ["points"] = new JsonArray([
                .. report.Points.Select(p => new JsonObject
                {
                    ["epsilon"] = p.Epsilon,
                    ["one_step"] = p.OneStep,
                    ["many_steps"] = p.ManySteps,
                }),
            ]),
            ["curve"] = curve,
            ["examples"] = examples,
        }.ToJsonString(InspectionOutput.Indented);
}
