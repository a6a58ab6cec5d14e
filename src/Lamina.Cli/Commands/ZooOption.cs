using System.CommandLine;

namespace Lamina.Cli;

/// <summary>The options that every command has that builds a model of the zoo.</summary>
internal static class ZooOption
{
    private const int MaxClasses = 1_000_000;

    /// <summary>The smallest input whose last window still fits, and the largest that is of use.</summary>
    public const int MinInput = 64;
    public const int MaxInput = 1024;

    public static Option<int?> Classes() =>
        NumberOption.WholeOrNone("--classes", "The number of classes. Standard: the model's own.", 1, MaxClasses);

    public static Option<int?> Input() =>
        NumberOption.WholeOrNone(
            "--input",
            "The input's height and width in pixels, 64 or more. Standard: the model's own.",
            MinInput,
            MaxInput
        );

    public static ZooOptions Of(int? classes, int? input) => new() { Classes = classes, InputSize = input };
}
