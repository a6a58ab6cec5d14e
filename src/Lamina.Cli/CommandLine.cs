using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Reflection;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>The root command: finds a subcommand, prints help, and reports usage errors.</summary>
internal static class CommandLine
{
    private const string Description = """
        alexnet: train, use and inspect AlexNet.

        Without arguments, 'alexnet train' trains on the Fashion-MNIST images that ship with the program.
        """;

    private const string Examples = """
          alexnet train
          alexnet train photos --epochs 20 --flip
          alexnet tune photos --trials 20 --epochs 10
          alexnet evaluate runs/walkthrough-20260101-120000
          alexnet predict runs/walkthrough-20260101-120000 cat.jpg dog.png
          alexnet explain runs/walkthrough-20260101-120000 cat.jpg
          alexnet neighbors runs/walkthrough-20260101-120000 cat.jpg
          alexnet quantize runs/walkthrough-20260101-120000
          alexnet serve runs/walkthrough-20260101-120000
          alexnet summary walkthrough listing
          alexnet plot listing -o listing.svg
          alexnet compare
          alexnet profile walkthrough --batch 32
          alexnet devices
          alexnet inspect alexnet.pth
          alexnet convert runs/walkthrough-20260101-120000 walkthrough.onnx
          alexnet completion bash >> ~/.bashrc
        """;

    /// <summary>The program and its version.</summary>
    public static string Version { get; } =
        "alexnet " + typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyFileVersionAttribute>()!.Version[..^2];

    /// <summary>The program's name.</summary>
    public const string ProgramName = "alexnet";

    // @name is a file of that name, and -oname is not an option: neither is expanded.
    private static readonly ParserConfiguration s_parser = new()
    {
        ResponseFileTokenReplacer = null,
        EnablePosixBundling = false,
    };

    private static readonly Dictionary<string, Func<Terminal, Command>> s_commands = new(StringComparer.Ordinal)
    {
        ["train"] = TrainCommand.Create,
        ["tune"] = TuneCommand.Create,
        ["pretrained"] = PretrainedCommand.Create,
        ["recipes"] = RecipesCommand.Create,
        ["data"] = DataCommand.Create,
        ["pack"] = PackCommand.Create,
        ["evaluate"] = EvaluateCommand.Create,
        ["predict"] = PredictCommand.Create,
        ["explain"] = ExplainCommand.Create,
        ["neighbors"] = NeighborsCommand.Create,
        ["label"] = LabelCommand.Create,
        ["filters"] = FiltersCommand.Create,
        ["calibrate"] = CalibrateCommand.Create,
        ["map"] = MapCommand.Create,
        ["attack"] = AttackCommand.Create,
        ["quantize"] = QuantizeCommand.Create,
        ["serve"] = ServeCommand.Create,
        ["export-page"] = ExportPageCommand.Create,
        ["summary"] = SummaryCommand.Create,
        ["plot"] = PlotCommand.Create,
        ["compare"] = CompareCommand.Create,
        ["profile"] = ProfileCommand.Create,
        ["devices"] = DevicesCommand.Create,
        ["inspect"] = InspectCommand.Create,
        ["convert"] = ConvertCommand.Create,
        ["completion"] = CompletionCommand.Create,
    };

    /// <summary>Creates a command.</summary>
    public static Command Create(string name, Terminal terminal) => s_commands[name](terminal);

    /// <summary>Parses a command line and runs its command.</summary>
    /// <returns>The exit code.</returns>
    public static int Invoke(string[] args, Terminal terminal)
    {
        // A shell asks for completions.
        bool suggests = args.Length > 0 && args[0].StartsWith("[suggest", StringComparison.Ordinal);
        if (args.Length > 0 && !suggests && !args[0].StartsWith('-') && !s_commands.ContainsKey(args[0]))
        {
            return Refuse(
                terminal,
                $"'{args[0]}' is not one of the commands {string.Join(", ", s_commands.Keys)}."
                    + NearestWord.Suggestion(args[0], s_commands.Keys),
                ProgramName
            );
        }
        var root = new RootCommand(Description);
        // Only the requested command is built: building the options of all would take a third of `summary`'s time.
        if (args.Length > 0 && s_commands.TryGetValue(args[0], out Func<Terminal, Command>? asked))
        {
            root.Add(asked(terminal));
        }
        else
        {
            s_commands.Values.ToList().ForEach(create => root.Add(create(terminal)));
        }
        foreach (Option option in root.Options)
        {
            if (option is VersionOption)
            {
                option.Action = new PrintVersion();
            }
            else if (option is HelpOption help)
            {
                // On Unix these are paths.
                help.Aliases.Remove("/h");
                help.Aliases.Remove("/?");
                help.Action = new HelpWithExamples((HelpAction)help.Action!);
            }
        }
        ExampleTexts.Set(root, Examples);
        ParseResult parsed = root.Parse(args, s_parser);
        if (!suggests && parsed.Action is not (HelpWithExamples or PrintVersion))
        {
            Command command = parsed.CommandResult.Command;
            string name = string.Join(' ', Path(command).Reverse());
            IEnumerable<Option> options = command.Options.Concat(
                root.Options.Where(o => o.Recursive || command == root)
            );
            string? error =
                UsageErrors.UnknownOption(command == root ? args : args.Skip(1), options, name)
                ?? UsageErrors.EmptyValue(parsed.CommandResult)
                ?? (parsed.Errors.Count > 0 ? UsageErrors.Text(parsed.Errors[0]) : null);
            if (error is not null)
            {
                return Refuse(terminal, error, name);
            }
        }
        var configuration = new InvocationConfiguration
        {
            Output = terminal.Output,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            // Commands that can end early handle signals themselves.
            ProcessTerminationTimeout = null,
        };
        return parsed.Invoke(configuration);
    }

    private static int Refuse(Terminal terminal, string error, string command)
    {
        terminal.WriteError(OneLine.Of($"{error} See: {command} --help"));
        return ExitCode.Usage;
    }

    private static IEnumerable<string> Path(Command command)
    {
        System.CommandLine.Symbol? at = command;
        while (at is not null)
        {
            yield return at is RootCommand ? ProgramName : at.Name;
            at = at.Parents.FirstOrDefault();
        }
    }

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(Version);
            return ExitCode.Done;
        }
    }
}
