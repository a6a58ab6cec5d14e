using System.CommandLine;
using Lamina.Runs;

namespace Lamina.Cli;

/// <summary>The run and the labeled images of commands that look at a classifier on its test data.</summary>
internal sealed class TestDataOptions
{
    private readonly Argument<string> _run = new("run") { Description = "Run folder, or saved model." };
    private readonly Argument<string?> _data = new("data")
    {
        Description = "Class folders of images, or another source as for train. Default: the run's test data.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string?> _format = FormatOption.Create();
    private readonly SourceOptions _source = new();

    /// <summary>Adds the arguments, in the order of the help.</summary>
    public void AddArgumentsTo(Command command)
    {
        command.Add(_run);
        command.Add(_data);
    }

    /// <summary>Adds the options, in the order of the help.</summary>
    public void AddOptionsTo(Command command)
    {
        command.Add(_format);
        _source.All.ToList().ForEach(command.Add);
    }

    /// <summary>Returns the path of the run.</summary>
    public string Run(ParseResult parsed) => parsed.GetValue(_run)!;

    /// <summary>Returns the images.</summary>
    public InspectionData Data(ParseResult parsed) =>
        new() { Folder = parsed.GetValue(_data), Format = FormatOption.Of(parsed.GetValue(_format)) };

    /// <summary>Loads the classifier.</summary>
    public RunClassifier Load(ParseResult parsed) =>
        RunClassifier.Load(Run(parsed), new ClassifierOptions { Device = Device.Cpu, Source = _source.Read(parsed) });
}
