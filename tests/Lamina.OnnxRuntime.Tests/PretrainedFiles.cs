using System.IO.Compression;
using System.Reflection;
using Lamina.Formats.Tests;

namespace Lamina.OnnxRuntime.Tests;

/// <summary>Well-known networks as several exporters write them (Goldens/make_pretrained.py), and CNTK's ResNet-18 itself.</summary>
internal static class PretrainedFiles
{
    private static readonly string s_archive = Path.Combine(AppContext.BaseDirectory, "Goldens", "pretrained.zip");

    public static TheoryData<string> Names
    {
        get
        {
            using ZipArchive zip = ZipFile.OpenRead(s_archive);
            return [.. zip.Entries.Select(e => e.FullName)];
        }
    }

    /// <summary>CNTK's ResNet-18, which ends in its features, from the package Microsoft.ML.DnnImageFeaturizer.ResNet18.</summary>
    public static string ResNet18 => OfPackage("ResNet18Onnx", "ResNet18.onnx");

    /// <summary>What prepares images for <see cref="ResNet18"/>: channels turned around, less the mean image.</summary>
    public static string ResNet18Preprocessing => OfPackage("ResNetPrepOnnx", "ResNetPreprocess.onnx");

    public static string Extract(string name, TempFolder folder)
    {
        using ZipArchive zip = ZipFile.OpenRead(s_archive);
        string path = folder["model.onnx"];
        zip.GetEntry(name)!.ExtractToFile(path, overwrite: true);
        return path;
    }

    private static string OfPackage(string folder, string file) =>
        Path.Combine(
            typeof(PretrainedFiles)
                .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
                .Single(a => a.Key == "DnnImageModels")
                .Value!,
            folder,
            file
        );
}
