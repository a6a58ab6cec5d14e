using Lamina.Runs;

namespace Lamina.Cli.Tests;

/// <summary>A saved model of two classes, dark and light, small enough to make in a moment; it has learned nothing.</summary>
internal static class SmallModel
{
    public static string Write(TempFolder folder)
    {
        string path = folder["small.lamina"];
        var info = new RunInfo(
            ["dark", "light"],
            new Preprocessing
            {
                Height = 28,
                Width = 28,
                Channels = 1,
            },
            Data: null,
            []
        );
        ModelFile.Save(Transfer.ClothesData.Network(2, seed: 1), path, new SaveOptions { Metadata = info.ToJson() });
        return path;
    }
}
