using System.CommandLine;

namespace Lamina.Cli;

/// <summary>The options that every command has that builds a model of the zoo. What is not given is the model's own.</summary>
internal sealed class ZooOption
{
    public const int MaxClasses = 1_000_000;

    /// <summary>The smallest input whose last window still fits, and the largest that is of use.</summary>
    public const int MinInput = 64;
    public const int MaxInput = 1024;

    private readonly Option<int?> _classes = NumberOption.WholeOrNone(
        "--classes",
        "The number of classes. Standard: the model's own.",
        1,
        MaxClasses
    );
    private readonly Option<int?> _input = NumberOption.WholeOrNone(
        "--input",
        "The input's height and width in pixels, 64 or more. Standard: the model's own.",
        MinInput,
        MaxInput
    );
    private readonly Option<int?> _channels = NumberOption.WholeOrNone(
        "--channels",
        "The input's channels: 1 for grey, 3 for colour. Standard: the model's own.",
        1,
        MaxInput
    );
    private readonly Option<double?> _dropout = Dropout();

    /// <summary>The options, in the order of the help.</summary>
    public IReadOnlyList<Option> All => [_classes, _input, _channels, _dropout];

    /// <summary>What was given.</summary>
    public ZooOptions Read(ParseResult parsed) =>
        new()
        {
            Classes = parsed.GetValue(_classes),
            InputSize = parsed.GetValue(_input),
            Channels = parsed.GetValue(_channels),
            Dropout = parsed.GetValue(_dropout),
        };

    /// <summary>The probability that dropout zeroes a value.</summary>
    public static Option<double?> Dropout() =>
        NumberOption.RealOrNone("--dropout", "Dropout's rate, 0 to 0.99. Standard: the model's own.", 0, 0.99, true);
}
