using Spectre.Console;

namespace Lamina.Cli;

/// <summary>Computes the baselines of a training, and reports progress where that takes longer than a second.</summary>
internal static class BaselineRun
{
    private const string What = "comparing with nearest neighbors";
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(1);

    /// <summary>Computes them for the images of two loaders; images that these cache are not decoded again.</summary>
    /// <exception cref="OperationCanceledException">The command was interrupted.</exception>
    public static Baselines Compute(DataLoader train, DataLoader test, long seed, Terminal terminal)
    {
        var options = new BaselineOptions { DecodeSize = train.DecodeSize, Seed = seed };
        if (terminal.IsInteractive)
        {
            return terminal.Rich().Status().Start($"{What}…", context => Run(share => context.Status(Line(share))));
        }
        // Progress comes from several threads at once.
        var gate = new Lock();
        long last = TimeProvider.System.GetTimestamp();
        return Run(share =>
        {
            lock (gate)
            {
                if (TimeProvider.System.GetElapsedTime(last) > s_quiet)
                {
                    last = TimeProvider.System.GetTimestamp();
                    terminal.Output.WriteLine(Line(share));
                    terminal.Output.Flush();
                }
            }
        });

        Baselines Run(Action<double> report) =>
            Baselines.Compute(train.Source, test.Source, options, new Reporter(report), terminal.Interrupt);
    }

    private static string Line(double share) => FormattableString.Invariant($"{What}: {100 * share:0} %");

    /// <summary>Reports at once; <see cref="Progress{T}"/> would do so later, out of order.</summary>
    private sealed class Reporter(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
