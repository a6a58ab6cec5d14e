namespace Lamina.Formats.Tests.Keras;

/// <summary>Damaged files: an error in one line or a model, never a crash, a hang or memory without bound.</summary>
public class KerasDamageTests
{
    public static TheoryData<string> Files => ["model.h5", "latest.h5", "gzip.h5", "model.keras"];

    [Theory]
    [InlineData("model.h5", 0xff)]
    [InlineData("gzip.h5", 0xff)]
    [InlineData("latest.h5", 0xff)]
    [InlineData("latest.h5", 1)]
    public void EveryByteFlipped(string file, byte mask) => Load(file, bytes => Damage.Flips(bytes, mask));

    [Theory]
    [InlineData("model.h5")]
    [InlineData("latest.h5")]
    [InlineData("gzip.h5")]
    public void EveryAddressElsewhere(string file) => Load(file, Damage.Addresses);

    [Theory]
    [MemberData(nameof(Files))]
    public void EveryTruncationIsRefused(string file) => Assert.Equal(0, Load(file, Damage.Truncations));

    [Fact]
    public void AnArchiveWithAFlippedByteIsRefusedOrTheSame()
    {
        byte[] bytes = File.ReadAllBytes(KerasGolden.Tiny("model.keras"));
        float[] expected = Values(KerasFile.Load(KerasGolden.Tiny("model.keras")));
        using var folder = new TempFolder();
        foreach (byte[] changed in Damage.Flips(bytes, 0xff))
        {
            string path = folder["model.keras"];
            File.WriteAllBytes(path, changed);
            Model? model = null;
            if (Damage.Survives(path, () => model = KerasFile.Load(path)))
            {
                Assert.Equal(expected, Values(model!));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void AModelInMemoryStaysAsItIs(string file)
    {
        byte[] bytes = File.ReadAllBytes(KerasGolden.Tiny(file));
        Model model = KerasFile.Load(KerasGolden.Tiny(file));
        float[] expected = Values(model);
        using var folder = new TempFolder();
        string path = folder[file];
        for (int i = 0; i < bytes.Length; i += 29)
        {
            byte[] changed = [.. bytes];
            changed[i] ^= 0xff;
            File.WriteAllBytes(path, changed);
            if (Damage.Survives(path, () => KerasFile.LoadWeights(model, path)))
            {
                KerasFile.LoadWeights(model, KerasGolden.Tiny(file));
            }
            Assert.Equal(expected, Values(model));
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void DescribingDamagedFilesEnds(string file)
    {
        byte[] bytes = File.ReadAllBytes(KerasGolden.Tiny(file));
        using var folder = new TempFolder();
        string path = folder[file];
        for (int i = 0; i < bytes.Length; i += 7)
        {
            byte[] changed = [.. bytes];
            changed[i] ^= 0xff;
            File.WriteAllBytes(path, changed);
            Damage.Survives(path, () => KerasFile.Describe(path));
        }
    }

    [Fact]
    public void DamagedHeapsOfNamesAreDescribedOrRefused()
    {
        byte[] bytes = File.ReadAllBytes(KerasGolden.Folder("keras", "many.h5"));
        using var folder = new TempFolder();
        string path = folder["many.h5"];
        for (int i = 0; i < bytes.Length; i += 71)
        {
            byte[] changed = [.. bytes];
            changed[i] ^= 0xff;
            File.WriteAllBytes(path, changed);
            Damage.Survives(path, () => KerasFile.Describe(path));
        }
    }

    private static int Load(string file, Func<byte[], IEnumerable<byte[]>> damage)
    {
        using var folder = new TempFolder();
        string path = folder[file];
        int loaded = 0;
        foreach (byte[] bytes in damage(File.ReadAllBytes(KerasGolden.Tiny(file))))
        {
            File.WriteAllBytes(path, bytes);
            loaded += Damage.Survives(path, () => KerasFile.Load(path)) ? 1 : 0;
        }
        return loaded;
    }

    private static float[] Values(Model model) => [.. model.Weights.SelectMany(w => w.GetValues())];
}
