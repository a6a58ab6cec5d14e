using System.CommandLine;
using System.Text.Json.Nodes;
using Lamina.Runs;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>The <c>alexnet attack</c> command.</summary>
internal sealed class AttackCommand(Terminal terminal)
{
    private const int MostImages = 1_000_000;
    private const int MostSteps = 1000;
    private const string Examples = """
          alexnet attack runs/walkthrough-20260101-120000
          alexnet attack runs/walkthrough-20260101-120000 photos/test --epsilon 1 --epsilon 8 --steps 20
        """;

    private static readonly AttackSettings s_standard = new();
    private readonly TestDataOptions _data = new();
    private readonly Option<double[]> _epsilons = new("--epsilon")
    {
        Description = $"Sets the most that a pixel changes, of 255. Default: {string.Join(", ", s_standard.Epsilons)}.",
        HelpName = "X",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<int> _steps = NumberOption.Whole(
        "--steps",
        "Sets the steps of projected gradient descent.",
        s_standard.Steps,
        2,
        MostSteps
    );
    private readonly Option<int> _images = NumberOption.Whole(
        "--images",
        "Sets the most images to attack, drawn at random.",
        s_standard.Images,
        1,
        MostImages
    );
    private readonly Option<string?> _output = InspectionOutput.Folder("attack");
    private readonly Option<bool> _dark = InspectionOutput.Dark();
    private readonly Option<bool> _json = new("--json") { Description = "Prints JSON." };
    private readonly VerbosityOptions _verbosity = new();

    /// <summary>Creates the command.</summary>
    public static Command Create(Terminal terminal) => new AttackCommand(terminal).Build();

    private Command Build()
    {
        _epsilons.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(t => !IsEpsilon(t.Value)) is { } wrong)
            {
                result.AddError($"--epsilon: '{wrong.Value}' is not a number from 0 to 255.");
            }
        });
        var command = new Command(
            "attack",
            "Measures the accuracy on adversarial images (FGSM, PGD) of growing change."
        );
        _data.AddArgumentsTo(command);
        new Option[] { _epsilons, _steps, _images, _output, _dark, _json }
            .ToList()
            .ForEach(command.Add);
        _data.AddOptionsTo(command);
        _verbosity.AddTo(command);
        ExampleTexts.Set(command, Examples);
        command.SetAction(Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        _verbosity.Apply(parsed, terminal);
        using RunClassifier classifier = _data.Load(parsed);
        using Interrupts interrupts = InspectionOutput.Listen(terminal);
        var observer = new FeatureObserver(terminal, parsed.GetValue(_json));
        AttackReport report = RunAttacker.Attack(
            classifier,
            new AttackSettings
            {
                Data = _data.Data(parsed),
                Images = parsed.GetValue(_images),
                Steps = parsed.GetValue(_steps),
                Epsilons = parsed.GetValue(_epsilons) is { Length: > 0 } given
                    ? [.. given.Distinct().Order()]
                    : s_standard.Epsilons,
            },
            observer,
            interrupts.Token
        );
        observer.Conclude();
        var pictures = new InspectionOutput(parsed.GetValue(_output), _data.Run(parsed), "attack");
        string curve = pictures.FileFor("accuracy");
        string examples = pictures.FileFor("examples");
        RunAttacker.Draw(curve, report, parsed.GetValue(_dark));
        bool hasExamples = RunAttacker.DrawExamples(examples, report, parsed.GetValue(_dark));
        if (parsed.GetValue(_json))
        {
            terminal.Output.WriteLine(Json(report, curve, hasExamples ? examples : null));
        }
        else
        {
            Write(terminal.Output, report, curve, hasExamples ? examples : "none, as no prediction was misled");
        }
        return ExitCode.Done;
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
