using System.CommandLine;

namespace Lamina.Cli;

/// <summary><c>alexnet train</c>.</summary>
internal static class TrainCommand
{
    private const int MostThreads = 1024;
    private const int MostCacheMegabytes = 1 << 20;
    private const string Examples = """
          alexnet train                                    the shipped images, in some minutes
          alexnet train owt                                the same with torchvision's network
          alexnet train --recipe paper --input 96          the same as the paper trained, at 96×96
          alexnet train photos --recipe modern --epochs 20 a folder with a sub-folder for each class
          alexnet train photos/train --validation photos/val --output runs/photos
          alexnet train --resume runs/photos               the rest of a run that was interrupted
          alexnet train mnist --format idx --flip false --optimizer adam
          alexnet train photos --model owt --weights alexnet.pth --freeze features --epochs 10 --unfreeze 5
          alexnet train photos --weights runs/photos --unfreeze
        """;

    public static Command Create(Terminal terminal)
    {
        var folder = new Argument<string?>("dir")
        {
            Description =
                "A folder of class folders of images, or of IDX files; or the name of a model, to train it on the shipped "
                + "Fashion-MNIST, as without one.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var recipe = new RecipeOptions();
        var transfer = new TransferOptions();
        Option<long> seed = NumberOption.Long(
            "--seed",
            "Seeds all random numbers: equal seeds, equal runs. Default: 0."
        );
        var validation = Text("--validation", "DIR", "Names the test data, in the format of the training data.");
        Option<double> share = NumberOption.Real(
            "--validation-share",
            "The share of each class that is set apart for testing where there is no other test data.",
            TrainSettings.StandardShare,
            0,
            0.99,
            includesMin: false
        );
        Option<string?> format = FormatOption.Create();
        var output = Text("--output", "RUN", "Names the folder to write, new or empty. Default: runs/<model>-<time>.");
        var strict = new Option<bool>("--strict")
        {
            Description = "Ends the run on an image that cannot be read, instead of skipping it.",
        };
        var recompute = new Option<bool>("--recompute")
        {
            Description =
                "Keeps fewer activations and computes the others again: less memory, more time, the same bits.",
        };
        Option<int?> threads = NumberOption.WholeOrNone(
            "--threads",
            "Sets how many threads compute. Default: one per core.",
            1,
            MostThreads
        );
        Option<int?> workers = NumberOption.WholeOrNone(
            "--workers",
            "Sets how many threads read images. Default: one per core.",
            0,
            MostThreads
        );
        Option<int> cache = NumberOption.Whole(
            "--cache-mb",
            "Memory for decoded photos, in MB: those that fit are decoded once and not every epoch.",
            TrainSettings.StandardCache,
            0,
            MostCacheMegabytes
        );
        var verbosity = new VerbosityOptions();
        var resume = new ResumeOptions(workers, verbosity.All);
        var command = new Command("train", "Trains a model, tests it, and writes a run folder.") { folder };
        recipe.All.ToList().ForEach(command.Add);
        foreach (
            Option option in (Option[])
                [
                    .. transfer.All,
                    seed,
                    validation,
                    share,
                    format,
                    output,
                    strict,
                    recompute,
                    threads,
                    workers,
                    cache,
                    .. resume.All,
                ]
        )
        {
            command.Add(option);
        }
        verbosity.AddTo(command);
        PathCompletions.Add(folder, Zoo.Names);
        resume.Guard(command);
        transfer.Guard(command);
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            verbosity.Apply(parsed, terminal);
            if (resume.Run(parsed, terminal) is { } code)
            {
                return code;
            }
            string? named = parsed.GetValue(folder);
            bool isModel = IsModel(named);
            (Recipe read, TransferSettings? from, SourceModel? source) = transfer.Read(
                parsed,
                recipe,
                isModel ? named : null
            );
            var settings = new TrainSettings
            {
                Folder = isModel ? null : named,
                Format = FormatOption.Of(parsed.GetValue(format)),
                Validation = parsed.GetValue(validation),
                ValidationShare = parsed.GetValue(share),
                Recipe = read,
                Transfer = from,
                Seed = parsed.GetValue(seed),
                Output = parsed.GetValue(output),
                Strict = parsed.GetValue(strict),
                Recompute = parsed.GetValue(recompute),
                Threads = parsed.GetValue(threads),
                Workers = parsed.GetValue(workers) ?? Environment.ProcessorCount,
                CacheMegabytes = parsed.GetValue(cache),
                CheckpointEvery = parsed.GetValue(resume.CheckpointEvery)!,
                Keep = parsed.GetValue(resume.Keep),
                Arguments = [.. parsed.Tokens.Select(t => t.Value)],
            };
            return new TrainingRun(settings, terminal, source: source).Execute();
        });
        return command;
    }

    // A folder of that name comes first.
    private static bool IsModel(string? argument) =>
        argument is not null && Zoo.Names.Contains(argument) && !Directory.Exists(argument);

    private static Option<string> Text(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value };
}
