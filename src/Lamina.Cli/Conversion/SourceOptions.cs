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
    private readonly Option<int?> _input = NumberOption.WholeOrNone(
        "--input",
        "With --model, the input's height and width in pixels. Standard: what the file says, else the model's own.",
        ZooOption.MinInput,
        ZooOption.MaxInput
    );
    private readonly Option<int?> _channels = NumberOption.WholeOrNone(
        "--channels",
        "With --model, the input's channels: 1 for grey, 3 for colour. Standard: the model's own.",
        1,
        ZooOption.MaxInput
    );
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
    public IReadOnlyList<Option> All => [_model, _input, _channels, _classesFrom, _preprocessing];

    /// <summary>What was given.</summary>
    public SourceSettings Read(ParseResult parsed) =>
        new(
            parsed.GetValue(_model),
            new ZooOptions { InputSize = parsed.GetValue(_input), Channels = parsed.GetValue(_channels) },
            parsed.GetValue(_classesFrom),
            parsed.GetValue(_preprocessing)
        );
}
