using System.CommandLine;
using Lamina.Torch;

namespace Lamina.Cli;

/// <summary>The <c>alexnet profile</c> command: measures the time and memory of a step.</summary>
internal static class ProfileCommand
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

    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("model")
        {
            Description = $"Model name ({string.Join(", ", Zoo.Names)}), or path of a saved model or run.",
        };
        ModelArgument.Complete(name);
        Option<int> batch = NumberOption.Whole("--batch", "Sets the number of images per step.", 32, 1, MostImages);
        var training = new Option<bool>("--training")
        {
            Description = "Profiles a training step. This is the default.",
        };
        var inference = new Option<bool>("--inference") { Description = "Profiles an inference step." };
        var recompute = new Option<bool>("--recompute")
        {
            Description = "Recomputes activations in the backward pass to save memory.",
        };
        Option<int> rounds = NumberOption.Whole(
            "--rounds",
            "Sets the minimum number of timed steps.",
            StandardRounds,
            1,
            10_000
        );
        Option<double> seconds = NumberOption.Real(
            "--seconds",
            "Sets the minimum time to measure, in seconds.",
            StandardSeconds,
            0,
            3600,
            includesMin: true
        );
        Option<int?> threads = NumberOption.WholeOrNone(
            "--threads",
            "Sets the number of compute threads. Default: one per core.",
            1,
            MostThreads
        );
        var json = new Option<string>("--json") { Description = "Writes all measurements as JSON.", HelpName = "FILE" };
        var picture = new Option<string>("--picture")
        {
            Description = "Draws kernel times as a bar chart: .png or .svg.",
            HelpName = "FILE",
        };
        var zoo = new ZooOption();
        var compute = new ComputeOptions();
        var command = new Command("profile", "Measures the time of each kernel and the memory of a model's step.")
        {
            name,
            batch,
            training,
            inference,
            recompute,
        };
        foreach (Option option in (Option[])[.. zoo.All, .. compute.All, rounds, seconds, threads, json, picture])
        {
            command.Add(option);
        }
        command.Validators.Add(result =>
        {
            if (result.IsOn(training) && result.IsOn(inference))
            {
                result.AddError("--training and --inference exclude each other. Use one of them.");
            }
            if (result.IsOn(recompute) && result.IsOn(inference))
            {
                result.AddError("--recompute applies to training only. Remove --inference.");
            }
            if (
                result.GetResult(picture)?.Tokens is [{ Value: { Length: > 0 } file }]
                && Path.GetExtension(file).ToLowerInvariant() is not (".png" or ".svg")
            )
            {
                result.AddError($"--picture: '{file}' is neither a .png nor an .svg.");
            }
        });
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            OutputFile.Require(parsed.GetValue(json));
            OutputFile.Require(parsed.GetValue(picture));
            Model model = ModelArgument.Resolve(parsed.GetValue(name)!, zoo.Read(parsed));
            if (parsed.GetValue(threads) is { } count)
            {
                TorchLibrary.SetThreads(count);
            }
            Device device = compute.Device(parsed) ?? ComputeDevices.Best();
            ModelProfile profile = model.Profile(
                parsed.GetValue(batch),
                new ProfileOptions
                {
                    Training = !parsed.GetValue(inference),
                    Device = device,
                    Precision = compute.Precision(parsed) ?? ComputeDevices.DefaultPrecision(device),
                    Rounds = parsed.GetValue(rounds),
                    Duration = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                    Recompute = parsed.GetValue(recompute),
                }
            ) with
            {
                Model = parsed.GetValue(name)!,
            };
            terminal.Output.Write(profile.ToString());
            if (parsed.GetValue(json) is { } jsonFile)
            {
                ProfileFiles.WriteJson(profile, jsonFile);
                terminal.Output.WriteLine(jsonFile);
            }
            if (parsed.GetValue(picture) is { } pictureFile)
            {
                ProfileFiles.Draw(profile, pictureFile);
                terminal.Output.WriteLine(pictureFile);
            }
            terminal.Output.Flush();
            return ExitCode.Done;
        });
        return command;
    }
}
