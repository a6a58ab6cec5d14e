using System.CommandLine;

namespace Lamina.Cli;

/// <summary>The options that say of a model's file what the file does not.</summary>
internal sealed class SourceOptions
{
    private readonly Option<string> _model = new("--model")
    {
        Description =
            $"The model that weights belong to, where the file holds weights alone: {string.Join(", ", Zoo.Names)}.",
        HelpName = "NAME",
    };
    private readonly Option<string> _classesFrom = new("--classes-from")
    {
        Description = "A text file with the name of a class a line, where the model does not name them.",
        HelpName = "FILE",
    };
    private readonly Option<string> _preprocessing = new("--preprocessing")
    {
        Description =
            "How images become inputs, where the model does not say: torchvision, 0-1, 0-255 (what a byte becomes), "
            + "or a JSON file.",
        HelpName = "NAME",
    };

    public SourceOptions() => _model.AcceptOnlyFromAmong([.. Zoo.Names]);

    /// <summary>The options, in the order of the help.</summary>
    public IReadOnlyList<Option> All => [_model, _classesFrom, _preprocessing];

    /// <summary>What was given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">What a model of the zoo is built for.</param>
    public SourceSettings Read(ParseResult parsed, ZooOptions? options = null) =>
        new(parsed.GetValue(_model), options, parsed.GetValue(_classesFrom), parsed.GetValue(_preprocessing));
}
