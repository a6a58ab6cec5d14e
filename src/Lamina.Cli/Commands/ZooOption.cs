using System.CommandLine;

namespace Lamina.Cli;

/// <summary>The options that every command has that builds a model of the zoo.</summary>
internal static class ZooOption
{
    private const int ImageNetClasses = 1000;
    private const int ImageNetSize = 224;
    private const int MaxClasses = 1_000_000;

    /// <summary>The smallest input whose last window still fits, and the largest that is of use.</summary>
    public const int MinInput = 64;
    public const int MaxInput = 1024;

    public static Option<int> Classes() =>
        NumberOption.Whole("--classes", "The number of classes.", ImageNetClasses, 1, MaxClasses);

    public static Option<int> Input() =>
        NumberOption.Whole(
            "--input",
            "The input's height and width in pixels, 64 or more.",
            ImageNetSize,
            MinInput,
            MaxInput
        );

    public static ZooOptions Of(int classes, int input, int channels = 3) =>
        new()
        {
            Classes = classes,
            InputSize = input,
            Channels = channels,
        };
}
