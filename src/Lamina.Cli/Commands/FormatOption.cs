using System.CommandLine;
using Lamina.Runs;

namespace Lamina.Cli;

/// <summary>The <c>--format</c> option: how data is stored.</summary>
internal static class FormatOption
{
    private const string Folder = "folder";
    private const string Idx = "idx";
    private const string WebDataset = "webdataset";
    private const string ImageNet = "imagenet";
    private const string Parquet = "parquet";
    private const string Manifest = "manifest";

    public static Option<string?> Create()
    {
        var option = new Option<string?>("--format")
        {
            Description =
                "Sets the data format: folder, idx, webdataset (tar shards), imagenet, parquet, or manifest (a table). Default: detected.",
            HelpName = "FORMAT",
        };
        option.Accept(Folder, Idx, WebDataset, ImageNet, Parquet, Manifest);
        return option;
    }

    public static DataFormat? Of(string? text) =>
        text switch
        {
            Folder => DataFormat.Folder,
            Idx => DataFormat.Idx,
            WebDataset => DataFormat.WebDataset,
            ImageNet => DataFormat.ImageNet,
            Parquet => DataFormat.Parquet,
            Manifest => DataFormat.Manifest,
            _ => null,
        };
}
