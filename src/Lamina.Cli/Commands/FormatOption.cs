using System.CommandLine;

namespace Lamina.Cli;

/// <summary>The option that says how data is stored.</summary>
internal static class FormatOption
{
    private const string Folder = "folder";
    private const string Idx = "idx";

    public static Option<string?> Create()
    {
        var option = new Option<string?>("--format")
        {
            Description = "folder: class folders of images; idx: IDX files, gzipped or not. Standard: what is there.",
        };
        option.AcceptOnlyFromAmong(Folder, Idx);
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
