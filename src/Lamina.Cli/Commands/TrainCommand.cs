using System.CommandLine;
using Lamina.Distributed;
using Lamina.Runs;

namespace Lamina.Cli;

/// <summary>The <c>alexnet train</c> command.</summary>
internal static class TrainCommand
{
    private const string Examples = """
          alexnet train                                    on the shipped images, for a few minutes
          alexnet train owt                                the same with torchvision's network
          alexnet train --recipe paper --input 96          the same with the paper's recipe, at 96×96
          alexnet train photos --recipe modern --epochs 20 a folder with one subfolder per class
          alexnet train photos/train --validation photos/val --output runs/photos
          alexnet train imagenet --recipe paper            ILSVRC-2012's archives, as they are downloaded
          alexnet train "shards/train-{000..099}.tar" --validation "shards/val-*.tar"
          alexnet train photos.csv                         a table with the columns path and label
          alexnet train --resume runs/photos               resumes an interrupted run
          alexnet train mnist --format idx --flip false --optimizer adam
          alexnet train photos --model owt --weights alexnet.pth --freeze features --epochs 10 --unfreeze 5
          alexnet train photos --weights runs/photos --unfreeze
          alexnet train photos --pretrained resnet18 --finetune
          mpirun -n 4 alexnet train photos                 on four processes, also of several machines
          alexnet train photos --ranks 4 --restart 3 --output runs/photos
        """;

    public static Command Create(Terminal terminal)
    {
        var verbosity = new VerbosityOptions();
        var training = new TrainingOptions(verbosity.All);
        var command = new Command("train", "Trains a model, tests it, and writes a run folder.");
        training.AddTo(command);
        verbosity.AddTo(command);
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            verbosity.Apply(parsed, terminal);
            return training.Launch(parsed, terminal)
                ?? RankedCommand.Run(terminal, (own, job) => Train(training, parsed, own, job));
        });
        return command;
    }

    private static int Train(TrainingOptions training, ParseResult parsed, Terminal terminal, RankJob? job)
    {
        using var report = new TrainReport(terminal);
        if (job is { Rank: > 0 })
        {
            report.Listen();
        }
        return training.Resumed(parsed) is { } run
            ? report.Conclude(
                Run.Resume(
                    run,
                    training.Workers(parsed),
                    report,
                    training.Device(parsed),
                    job?.Communicator,
                    job?.Threads,
                    report.Interrupt
                ),
                run
            )
            : report.Conclude(Run.Train(training.Read(parsed, job), report, report.Interrupt));
    }
}
