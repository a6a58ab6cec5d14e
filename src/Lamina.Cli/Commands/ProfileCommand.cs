using System.CommandLine;
using Lamina.Torch;

namespace Lamina.Cli;

/// <summary><c>alexnet profile</c>: where a step's time and memory go.</summary>
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
            Description = $"A model's name ({string.Join(", ", Zoo.Names)}), or the path of a saved model or run.",
        };
        ModelArgument.Complete(name);
        Option<int> batch = NumberOption.Whole("--batch", "Images a step.", 32, 1, MostImages);
        var training = new Option<bool>("--training") { Description = "A training step; this is standard." };
        var inference = new Option<bool>("--inference") { Description = "A step of inference." };
        var recompute = new Option<bool>("--recompute") { Description = "Trains with activations computed again." };
        Option<int> rounds = NumberOption.Whole("--rounds", "Steps to time, at least.", StandardRounds, 1, 10_000);
        Option<double> seconds = NumberOption.Real(
            "--seconds",
            "How long to go on with more steps, at least.",
            StandardSeconds,
            0,
            3600,
            includesMin: true
        );
        Option<int?> threads = NumberOption.WholeOrNone(
            "--threads",
            "Threads that compute. Standard: one a core.",
            1,
            MostThreads
        );
        var json = new Option<string>("--json") { Description = "Writes all numbers as JSON.", HelpName = "FILE" };
        var picture = new Option<string>("--picture")
        {
            Description = "Draws the kernels as bars: .png or .svg.",
            HelpName = "FILE",
        };
        var zoo = new ZooOption();
        var command = new Command("profile", "Times each kernel of a model's step, and counts its memory.")
        {
            name,
            batch,
            training,
            inference,
            recompute,
        };
        foreach (Option option in (Option[])[.. zoo.All, rounds, seconds, threads, json, picture])
        {
            command.Add(option);
        }
        command.Validators.Add(result =>
        {
            if (result.IsOn(training) && result.IsOn(inference))
            {
                result.AddError("--training and --inference do not go together.");
            }
            if (result.IsOn(recompute) && result.IsOn(inference))
            {
                result.AddError("--recompute is for training: leave out --inference.");
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
            ModelProfile profile = model.Profile(
                parsed.GetValue(batch),
                new ProfileOptions
                {
                    Training = !parsed.GetValue(inference),
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
