using System.CommandLine;
using Lamina.Runs;

namespace Lamina.Cli;

/// <summary>The <c>--format</c> option: how data is stored.</summary>
internal static class FormatOption
{
    private const string Folder = "folder";
    private const string Idx = "idx";

    public static Option<string?> Create()
    {
        var option = new Option<string?>("--format")
        {
            Description =
                "Sets the data format: class folders of images, or IDX files (gzipped or not). Default: detected.",
        };
        option.Accept(Folder, Idx);
        return option;
    }

    public static DataFormat? Of(string? text) =>
        text switch
        {
            Folder => DataFormat.Folder,
            Idx => DataFormat.Idx,
            _ => null,
        };
}
