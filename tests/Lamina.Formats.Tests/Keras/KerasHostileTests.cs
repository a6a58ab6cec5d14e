using System.IO.Compression;
using System.Text;

namespace Lamina.Formats.Tests.Keras;

/// <summary>Files that mean harm. Those of HDF5 were made by h5py (tests/interop/keras/make_goldens.py).</summary>
public class KerasHostileTests
{
    [Theory]
    [InlineData("huge", "2^40 elements")]
    [InlineData("huge_right_rank", "2^40 elements")]
    [InlineData("external_link", "dense/kernel:0")]
    [InlineData("soft_cycle", "dense/kernel:0")]
    [InlineData("hard_cycle", "dense/kernel:0")]
    [InlineData("external_file", "in another file")]
    [InlineData("virtual", "in other files")]
    [InlineData("text", "does not match")]
    [InlineData("other_filter", "filter 32000")]
    [InlineData("bomb", "48 MB")]
    public void HostileHdf5IsRefused(string name, string contains)
    {
        string path = KerasGolden.Tiny($"hostile-{name}.h5");
        ModelFileException? error = null;
        Assert.False(
            Damage.Survives(
                path,
                () =>
                {
                    try
                    {
                        KerasFile.Load(path);
                    }
                    catch (ModelFileException e)
                    {
                        error = e;
                        throw;
                    }
                }
            )
        );
        Assert.Contains(contains, error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GroupsThatHoldThemselvesAreNotDescribed() =>
        OneLine.Error(() => KerasFile.Describe(KerasGolden.Tiny("hostile-hard_cycle.h5")), "contain themselves");

    [Fact]
    public void AnArchiveThatUnpacksToMuchIsRefused()
    {
        using var folder = new TempFolder();
        foreach (string bomb in (string[])["config.json", "model.weights.h5", "metadata.json"])
        {
            string path = Archive(folder, bomb, Zeros);
            Assert.False(Damage.Survives(path, () => KerasFile.Load(path)));
        }

        static void Zeros(Stream stream)
        {
            var block = new byte[1 << 20];
            for (int i = 0; i < 60; i++)
            {
                stream.Write(block);
            }
        }
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("/etc/evil")]
    [InlineData("assets/../../evil")]
    [InlineData("c:\\evil")]
    public void AnArchiveWithPathsElsewhereIsRefused(string name)
    {
        using var folder = new TempFolder();
        string path = Archive(folder, name, stream => stream.Write("x"u8));
        OneLine.Error(() => KerasFile.Load(path), path, "no Keras file has");
        Assert.Single(folder.Names());
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.weights.h5")]
    public void AnArchiveWithANameTwiceIsRefused(string name)
    {
        using var folder = new TempFolder();
        string path = folder["model.keras"];
        File.Copy(KerasGolden.Tiny("model.keras"), path);
        using (ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Update))
        {
            zip.CreateEntry(name);
        }
        OneLine.Error(() => KerasFile.Load(path), path, "twice");
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.weights.h5")]
    public void AnArchiveWithoutAPartIsRefused(string name)
    {
        using var folder = new TempFolder();
        string path = folder["model.keras"];
        File.Copy(KerasGolden.Tiny("model.keras"), path);
        using (ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Update))
        {
            zip.GetEntry(name)!.Delete();
        }
        OneLine.Error(() => KerasFile.Load(path), path, $"does not contain {name}");
    }

    [Fact]
    public void OtherFilesAreRefusedInOneLine()
    {
        using var folder = new TempFolder();
        string path = folder["x.h5"];
        OneLine.Error(() => KerasFile.Load(path), path, "no such file");
        File.WriteAllText(path, "");
        OneLine.Error(() => KerasFile.Load(path), path, "not a Keras file");
        File.WriteAllText(path, "hello, world");
        OneLine.Error(() => KerasFile.Load(path), path, "not a Keras file");
        OneLine.Error(() => KerasFile.Load(folder.Root), "cannot be read");
        OneLine.Error(() => KerasFile.Load(KerasGolden.Folder("keras", "cnn", "keras3.weights.h5")), "no architecture");
        OneLine.Error(() => KerasFile.Load(KerasGolden.Folder("keras", "many.h5")), "no architecture");
    }

    [Fact]
    public void WeightsOfAnotherModelAreRefused()
    {
        Model model = KerasFile.Load(KerasGolden.Tiny("model.h5"));
        float[] before = [.. model.Weights.SelectMany(w => w.GetValues())];
        foreach (string file in (string[])["legacy-weights.h5", "keras3.weights.h5", "model.keras"])
        {
            string path = KerasGolden.Folder("keras", "cnn", file);
            OneLine.Error(() => KerasFile.LoadWeights(model, path), path);
        }
        Assert.Equal(before, model.Weights.SelectMany(w => w.GetValues()));
    }

    private static string Archive(TempFolder folder, string name, Action<Stream> write)
    {
        string path = folder["model.keras"];
        File.Copy(KerasGolden.Tiny("model.keras"), path, overwrite: true);
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Update, Encoding.UTF8);
        zip.GetEntry(name)?.Delete();
        using Stream stream = zip.CreateEntry(name, CompressionLevel.SmallestSize).Open();
        write(stream);
        return path;
    }
}
