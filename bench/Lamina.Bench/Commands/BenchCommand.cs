using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Lamina.Bench;

/// <summary>The subcommand of one suite, or of several at once, with the options that all have.</summary>
internal static class BenchCommand
{
    private static readonly string[] s_standardModels = ["walkthrough", "listing", "paper", "owt"];

    public static Command Create(string name, string description, IReadOnlyList<Suite> suites)
    {
        var rounds = new Option<int>("--rounds", "-r")
        {
            Description = "How often everyone has a turn, 1 to 1000.",
            HelpName = "N",
            DefaultValueFactory = _ => 5,
        };
        rounds.Validators.Add(r => RequireRange(r, 1, 1000));
        var seconds = new Option<double>("--seconds", "-s")
        {
            Description = "How long a turn takes at least; it ends with the run that passes this.",
            HelpName = "X",
            DefaultValueFactory = _ => 1,
        };
        Option<string[]> only = Words(
            "--only",
            "Only workloads whose names contain one of these: --only 'paper 32'.",
            []
        );
        Option<string[]> models = Words(
            "--models",
            "Models of the zoo, or networks of others for infer.",
            s_standardModels
        );
        models.AcceptOnlyFromAmong([.. Zoo.Names, .. Networks.Names]);
        var batches = new Option<int[]>("--batch")
        {
            Description = "Images in a batch, instead of the suite's own.",
            HelpName = "N…",
            AllowMultipleArgumentsPerToken = true,
        };
        batches.Validators.Add(r => RequireRange(r, 1, 4096));
        var threads = new Option<int[]>("--threads")
        {
            Description = "Numbers of threads that the threads suite compares, instead of its own.",
            HelpName = "N…",
            AllowMultipleArgumentsPerToken = true,
        };
        threads.Validators.Add(r => RequireRange(r, 1, 1024));
        var input = new Option<int>("--input")
        {
            Description = "Height and width of the images in train and infer.",
            HelpName = "N",
            DefaultValueFactory = _ => 224,
        };
        input.Validators.Add(r => RequireRange(r, 29, 1024));
        string[] all = [.. PeerCatalog.All.Skip(1).Select(p => p.Name)];
        Option<string[]> peers = Words("--peers", "Who is measured beside Lamina, or 'none'.", all);
        peers.AcceptOnlyFromAmong([.. all, "none"]);
        var python = new Option<string>("--python")
        {
            Description = "The Python that has torch.",
            HelpName = "FILE",
            DefaultValueFactory = _ => "/usr/bin/python3",
        };
        var ranks = new Option<int>("--ranks")
        {
            Description = "The number of ranks that the ranks suite compares with one.",
            HelpName = "N",
            DefaultValueFactory = _ => 2,
        };
        ranks.Validators.Add(r => RequireRange(r, 2, 1024));
        var traces = new Option<string?>("--traces")
        {
            Description = "The folder to which the ranks suite writes traces for Perfetto or chrome://tracing.",
            HelpName = "DIR",
        };
        var write = new Option<string?>("--write")
        {
            Description = "A Markdown page whose tables are replaced, such as docs/performance.md.",
            HelpName = "FILE",
        };
        var json = new Option<string?>("--json") { Description = "Writes every round's figures.", HelpName = "FILE" };
        var command = new Command(name, description)
        {
            rounds,
            seconds,
            only,
            models,
            batches,
            threads,
            input,
            peers,
            python,
            ranks,
            traces,
            write,
            json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var settings = new BenchSettings
                {
                    Rounds = parsed.GetValue(rounds),
                    Seconds = parsed.GetValue(seconds),
                    Only = parsed.GetValue(only)!,
                    Peers = [.. parsed.GetValue(peers)!.Where(p => p != "none")],
                };
                using var context = new SuiteContext(
                    settings,
                    new PeerCatalog(parsed.GetValue(python)!, Console.Error),
                    Console.Error
                )
                {
                    Models = parsed.GetValue(models)!,
                    Input = parsed.GetValue(input),
                    Ranks = parsed.GetValue(ranks),
                    Traces = parsed.GetValue(traces),
                    Threads = parsed.GetValue(threads) is { Length: > 0 } counts ? counts : null,
                    Batches = parsed.GetValue(batches) is { Length: > 0 } given ? given : null,
                };
                var output = new Output(parsed.GetValue(write), parsed.GetValue(json));
                return await output.RunAsync(suites, context, cancellation).ConfigureAwait(false);
            }
        );
        return command;
    }

    private static Option<string[]> Words(string name, string description, string[] standard) =>
        new(name)
        {
            Description = description,
            HelpName = "NAME…",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => standard,
        };

    private static void RequireRange(OptionResult result, int min, int max)
    {
        foreach (Token token in result.Tokens)
        {
            if (
                !int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                || value < min
                || value > max
            )
            {
                result.AddError($"{result.Option.Name}: '{token.Value}' is not a whole number from {min} to {max}.");
            }
        }
    }
}
