using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace Lamina.Cli;

/// <summary>The examples that follow a command's help.</summary>
internal static class ExampleTexts
{
    private static readonly ConditionalWeakTable<Command, string> s_texts = [];

    public static void Set(Command command, string examples) => s_texts.AddOrUpdate(command, examples);

    public static string? Find(Command command) => s_texts.TryGetValue(command, out string? text) ? text : null;
}

/// <summary>Prints the standard help, followed by a command's examples.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private const int Width = 110;
    private readonly HelpAction _help;

    public HelpWithExamples(HelpAction help)
    {
        _help = help;
        _help.MaxWidth = Width;
    }

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        _help.Invoke(parseResult);
        if (ExampleTexts.Find(parseResult.CommandResult.Command) is { } examples)
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            output.WriteLine(examples);
            output.WriteLine();
        }
        return ExitCode.Done;
    }
}
