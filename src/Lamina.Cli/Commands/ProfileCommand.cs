using System.CommandLine;
using Lamina.Torch;

namespace Lamina.Cli;

/// <summary>The <c>alexnet profile</c> command: measures the time and memory of a step.</summary>
internal sealed class ProfileCommand(Terminal terminal)
{
    private const int MostImages = 1 << 16;
    private const int MostThreads = 1024;
    private const int StandardRounds = 7;
    private const double StandardSeconds = 10;
    private const string Examples = """
          alexnet profile walkthrough
          alexnet profile paper --batch 1 --inference
          alexnet profile walkthrough --batch 128 --picture profile.svg --json profile.json
          alexnet profile runs/walkthrough-20260101-120000 --threads 1
        """;

    private readonly Argument<string> _name = new("model")
    {
        Description = $"Model name ({string.Join(", ", Zoo.Names)}), or path of a saved model or run.",
    };
    private readonly Option<int> _batch = NumberOption.Whole(
        "--batch",
        "Sets the number of images per step.",
        32,
        1,
        MostImages
    );
    private readonly Option<bool> _training = new("--training")
    {
        Description = "Profiles a training step. This is the default.",
    };
    private readonly Option<bool> _inference = new("--inference") { Description = "Profiles an inference step." };
    private readonly Option<bool> _recompute = new("--recompute")
    {
        Description = "Recomputes activations in the backward pass to save memory.",
    };
    private readonly Option<int> _rounds = NumberOption.Whole(
        "--rounds",
        "Sets the minimum number of timed steps.",
        StandardRounds,
        1,
        10_000
    );
    private readonly Option<double> _seconds = NumberOption.Real(
        "--seconds",
        "Sets the minimum time to measure, in seconds.",
        StandardSeconds,
        0,
        3600,
        includesMin: true
    );
    private readonly Option<int?> _threads = NumberOption.WholeOrNone(
        "--threads",
        "Sets the number of compute threads. Default: one per core.",
        1,
        MostThreads
    );
    private readonly Option<string> _json = new("--json")
    {
        Description = "Writes all measurements as JSON.",
        HelpName = "FILE",
    };
    private readonly Option<string> _picture = new("--picture")
    {
        Description = "Draws kernel times as a bar chart: .png or .svg.",
        HelpName = "FILE",
    };
    private readonly ZooOption _zoo = new();
    private readonly ComputeOptions _compute = new();

    /// <summary>Creates the command.</summary>
    public static Command Create(Terminal terminal) => new ProfileCommand(terminal).Build();

    private Command Build()
    {
        ModelArgument.Complete(_name);
        var command = new Command("profile", "Measures the time of each kernel and the memory of a model's step.")
        {
            _name,
            _batch,
            _training,
            _inference,
            _recompute,
        };
        foreach (
            Option option in (Option[])[.. _zoo.All, .. _compute.All, _rounds, _seconds, _threads, _json, _picture]
        )
        {
            command.Add(option);
        }
        command.Validators.Add(result =>
        {
            if (result.IsOn(_training) && result.IsOn(_inference))
            {
                result.AddError("--training and --inference exclude each other. Use one of them.");
            }
            if (result.IsOn(_recompute) && result.IsOn(_inference))
            {
                result.AddError("--recompute applies to training only. Remove --inference.");
            }
            if (
                result.GetResult(_picture)?.Tokens is [{ Value: { Length: > 0 } file }]
                && Path.GetExtension(file).ToLowerInvariant() is not (".png" or ".svg")
            )
            {
                result.AddError($"--picture: '{file}' is neither a .png nor an .svg.");
            }
        });
        ExampleTexts.Set(command, Examples);
        command.SetAction(Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        OutputFile.Require(parsed.GetValue(_json));
        OutputFile.Require(parsed.GetValue(_picture));
        Model model = ModelArgument.Resolve(parsed.GetValue(_name)!, _zoo.Read(parsed));
        if (parsed.GetValue(_threads) is { } count)
        {
            TorchLibrary.SetThreads(count);
        }
        Device device = _compute.Device(parsed) ?? ComputeDevices.Best();
        ModelProfile profile = model.Profile(
            parsed.GetValue(_batch),
            new ProfileOptions
            {
                Training = !parsed.GetValue(_inference),
                Device = device,
                Precision = _compute.Precision(parsed) ?? ComputeDevices.DefaultPrecision(device),
                Rounds = parsed.GetValue(_rounds),
                Duration = TimeSpan.FromSeconds(parsed.GetValue(_seconds)),
                Recompute = parsed.GetValue(_recompute),
            }
        ) with
        {
            Model = parsed.GetValue(_name)!,
        };
        terminal.Output.Write(profile.ToString());
        if (parsed.GetValue(_json) is { } jsonFile)
        {
            ProfileFiles.WriteJson(profile, jsonFile);
            terminal.Output.WriteLine(jsonFile);
        }
        if (parsed.GetValue(_picture) is { } pictureFile)
        {
            ProfileFiles.Draw(profile, pictureFile);
            terminal.Output.WriteLine(pictureFile);
        }
        terminal.Output.Flush();
        return ExitCode.Done;
    }
}
