using System.CommandLine;
using Lamina.Runs.Sources;

namespace Lamina.Cli;

/// <summary>The options that override the defaults of a zoo model.</summary>
internal sealed class ZooOption
{
    public const int MaxClasses = 1_000_000;

    private readonly Option<int?> _classes = NumberOption.WholeOrNone(
        "--classes",
        "Sets the number of classes. Default: the model's own.",
        1,
        MaxClasses
    );
    private readonly Option<int?> _input = NumberOption.WholeOrNone(
        "--input",
        "Sets the input height and width in pixels. Default: the model's own.",
        1,
        SmallestInput.MaxInput
    );
    private readonly Option<int?> _channels = NumberOption.WholeOrNone(
        "--channels",
        "Sets the input channels: 1 for gray, 3 for color. Default: the model's own.",
        1,
        SmallestInput.MaxInput
    );
    private readonly Option<double?> _dropout = Dropout();

    /// <summary>The options, in the order of the help.</summary>
    public IReadOnlyList<Option> All => [_classes, _input, _channels, _dropout];

    /// <summary>Reads the options.</summary>
    public ZooOptions Read(ParseResult parsed) =>
        new()
        {
            Classes = parsed.GetValue(_classes),
            InputSize = parsed.GetValue(_input),
            Channels = parsed.GetValue(_channels),
            Dropout = parsed.GetValue(_dropout),
        };

    /// <summary>Creates the <c>--dropout</c> option.</summary>
    public static Option<double?> Dropout() =>
        NumberOption.RealOrNone(
            "--dropout",
            "Sets the dropout rate, 0 to 0.99. Default: the model's own.",
            0,
            0.99,
            true
        );
}
