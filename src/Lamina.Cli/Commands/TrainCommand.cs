using System.CommandLine;

namespace Lamina.Cli;

/// <summary><c>alexnet train</c>.</summary>
internal static class TrainCommand
{
    private const int MostThreads = 1024;
    private const string Examples = """
          alexnet train                                    the shipped images, in some minutes
          alexnet train --input 224 --epochs 3             the same at the paper's size
          alexnet train photos --flip --shift 0.1          a folder with a sub-folder for each class
          alexnet train photos/train --validation photos/val --output runs/photos
          alexnet train mnist --format idx --optimizer adam
        """;

    public static Command Create(Terminal terminal)
    {
        var folder = new Argument<string?>("dir")
        {
            Description =
                "A folder of class folders of images, or of IDX files. Without one: the shipped Fashion-MNIST.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string> model = Text(
            "--model",
            "NAME",
            $"One of {string.Join(", ", Zoo.Names)}.",
            TrainSettings.StandardModel
        );
        Option<int> input = NumberOption.Whole(
            "--input",
            "The input's height and width in pixels, 64 or more; some models need more, and then have it as standard.",
            TrainSettings.StandardInput,
            ZooOption.MinInput,
            ZooOption.MaxInput
        );
        Option<int> epochs = NumberOption.Whole(
            "--epochs",
            "How often to see all images.",
            TrainSettings.StandardEpochs,
            1,
            100_000
        );
        Option<int> batch = NumberOption.Whole("--batch", "Images in a step.", TrainSettings.StandardBatch, 1, 65_536);
        Option<string> optimizer = Text("--optimizer", "NAME", "sgd or adam.", TrainSettings.StandardOptimizer);
        optimizer.AcceptOnlyFromAmong("sgd", "adam");
        Option<double> rate = NumberOption.Real(
            "--lr",
            $"The highest learning rate, which falls by a cosine. Standard: {TrainSettings.StandardSgdRate} with sgd, {TrainSettings.StandardAdamRate} with adam.",
            TrainSettings.StandardSgdRate,
            0,
            1000,
            includesMin: false
        );
        rate.DefaultValueFactory = null;
        Option<double> momentum = NumberOption.Real(
            "--momentum",
            "SGD's momentum, 0 to 1.",
            TrainSettings.StandardMomentum,
            0,
            1,
            true
        );
        var seed = new Option<long>("--seed") { Description = "The same seed gives the same run.", HelpName = "N" };
        var validation = Text("--validation", "DIR", "Test data, in the format of the training data.");
        Option<double> share = NumberOption.Real(
            "--validation-share",
            "The share of each class that is set apart for testing where there is no other test data.",
            TrainSettings.StandardShare,
            0,
            0.99,
            includesMin: false
        );
        Option<string?> format = FormatOption.Create();
        var flip = new Option<bool?>("--flip")
        {
            Description = "Mirrors training images at random. Standard: for the shipped images.",
        };
        Option<double> shift = NumberOption.Real(
            "--shift",
            "Moves training images at random, by up to this share of their size.",
            0,
            0,
            1,
            true
        );
        var output = Text("--output", "RUN", "The folder to write, new or empty. Standard: runs/<model>-<time>.");
        var strict = new Option<bool>("--strict") { Description = "Ends the run at an image that cannot be read." };
        Option<int> threads = NumberOption.Whole(
            "--threads",
            "Threads that compute. Standard: one a core.",
            0,
            1,
            MostThreads
        );
        threads.DefaultValueFactory = null;
        Option<int> workers = NumberOption.Whole(
            "--workers",
            "Threads that read images. Standard: one a core.",
            0,
            0,
            MostThreads
        );
        workers.DefaultValueFactory = null;
        var command = new Command("train", "Trains a model, tests it, and writes a run folder.")
        {
            folder,
            model,
            input,
            epochs,
            batch,
            optimizer,
            rate,
            momentum,
            seed,
            validation,
            share,
            format,
            flip,
            shift,
            output,
            strict,
            threads,
            workers,
        };
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
            Run(
                new TrainSettings
                {
                    Folder = parsed.GetValue(folder),
                    Format = FormatOption.Of(parsed.GetValue(format)),
                    Validation = parsed.GetValue(validation),
                    ValidationShare = parsed.GetValue(share),
                    Model = parsed.GetValue(model)!,
                    Input = parsed.GetResult(input) is { Implicit: false }
                        ? parsed.GetValue(input)
                        : ZooOption.LeastInput(parsed.GetValue(model)!),
                    Epochs = parsed.GetValue(epochs),
                    Batch = parsed.GetValue(batch),
                    Optimizer = parsed.GetValue(optimizer)!,
                    Rate = parsed.GetResult(rate) is null ? null : parsed.GetValue(rate),
                    Momentum = parsed.GetValue(momentum),
                    Seed = parsed.GetValue(seed),
                    Flip = parsed.GetValue(flip) ?? parsed.GetValue(folder) is null,
                    Shift = parsed.GetValue(shift),
                    Output = parsed.GetValue(output),
                    Strict = parsed.GetValue(strict),
                    Threads = parsed.GetResult(threads) is null ? null : parsed.GetValue(threads),
                    Workers = parsed.GetResult(workers) is null ? Environment.ProcessorCount : parsed.GetValue(workers),
                },
                terminal
            )
        );
        return command;
    }

    private static int Run(TrainSettings settings, Terminal terminal) => new TrainingRun(settings, terminal).Execute();

    private static Option<string> Text(string name, string value, string description, string? standard = null)
    {
        var option = new Option<string>(name) { Description = description, HelpName = value };
        if (standard is not null)
        {
            option.DefaultValueFactory = _ => standard;
        }
        return option;
    }
}
