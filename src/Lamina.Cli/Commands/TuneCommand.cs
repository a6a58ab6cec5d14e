using System.CommandLine;
using Lamina.Tuning;

namespace Lamina.Cli;

/// <summary>The <c>alexnet tune</c> command: searches for hyperparameters.</summary>
internal static class TuneCommand
{
    private const string Examples = """
          alexnet tune                                     20 trials of 9 epochs on the shipped images
          alexnet tune photos --trials 30 --epochs 10 --output runs/search
          alexnet tune photos --search hyperband --epochs 27
          alexnet tune photos --vary lr=1e-4..1e-2:log "optimizer=adamw|sgd" "batch=16|32|64" dropout=0..0.5
          alexnet tune photos --vary augmentation.random_rotation.degrees=0..30 mixing.probability=0..1
          alexnet tune photos --space space.json --recipe modern --input 96
          alexnet evaluate runs/search/trial-007           the best trial is a run like any other
        """;

    public static Command Create(Terminal terminal)
    {
        var verbosity = new VerbosityOptions();
        var options = new TuneOptions();
        var command = new Command("tune", "Searches for hyperparameters: many trainings, a table, the best as a run.");
        options.AddTo(command);
        verbosity.AddTo(command);
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            verbosity.Apply(parsed, terminal);
            RunTuner tuner = options.Read(parsed);
            using var report = new TuneReport(terminal);
            report.Begin(tuner);
            return report.Conclude(tuner.Search(report.Trials, report, report.Interrupt), tuner);
        });
        return command;
    }
}
