using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using SkiaSharp;

namespace Lamina.Cli.Tests;

/// <summary>ILSVRC-2012 in its true layout with 1,000 classes and tiny images: packed, described, trained on, evaluated.</summary>
public sealed class ImageNetRehearsalTests : IDisposable
{
    private const int Classes = 1000;
    private const int Validation = 200;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_archives_are_packed_trained_on_by_two_recipes_and_evaluated()
    {
        WriteArchives(_folder["imagenet"]);
        string packed = _folder["packed"];
        Outcome outcome = Alexnet.Run("pack", _folder["imagenet"], packed, "--side", "40", "--images-per-shard", "400");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.Contains("packed       1,200 images\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("shards       4\n", outcome.Output, StringComparison.Ordinal);
        string[] names = File.ReadAllLines(Path.Combine(packed, "classes.txt"));
        Assert.Equal((Classes, "n01000000 class 999", "n01000999 class 0"), (names.Length, names[0], names[^1]));
        JsonNode data = JsonNode.Parse(Alexnet.Run("data", packed, "--json", "--output", _folder["s.png"]).Output)!;
        Assert.All(data["parts"]!["train"]!["per_class"]!.AsArray(), c => Assert.Equal(1, c!.GetValue<int>()));
        Assert.Equal(Validation, data["parts"]!["validation"]!["images"]!.GetValue<int>());
        foreach (string recipe in (string[])["paper", "modern"])
        {
            string run = _folder[recipe];
            string[] size = ["--model", "small", "--input", "32", "--epochs", "1", "--batch", "100"];
            Outcome trained = Alexnet.Run(["train", packed, "--recipe", recipe, .. size, "--output", run]);
            Assert.True(trained.Code == 0, trained.Error);
            Assert.Contains(
                "1000 images to train on, 200 to test on, 1000 classes",
                trained.Output,
                StringComparison.Ordinal
            );
            // The archives as they were downloaded have the same classes.
            Outcome evaluated = Alexnet.Run("evaluate", run, _folder["imagenet"], "--json");
            Assert.Equal(0, evaluated.Code);
            Assert.Equal(Validation, JsonNode.Parse(evaluated.Output)!["images"]!.GetValue<int>());
        }
    }

    /// <summary>Writes the three files. The IDs of the kit are in the reverse order of the WordNet IDs.</summary>
    private static void WriteArchives(string folder)
    {
        Directory.CreateDirectory(folder);
        byte[][] images = [.. Enumerable.Range(0, 50).Select(Image)];
        using (var train = new TarWriter(File.Create(Path.Combine(folder, "ILSVRC2012_img_train.tar"))))
        {
            for (int c = 0; c < Classes; c++)
            {
                Add(train, $"{Synset(c)}.tar", Tar(($"{Synset(c)}_{c}.JPEG", images[c % images.Length])));
            }
        }
        File.WriteAllBytes(
            Path.Combine(folder, "ILSVRC2012_img_val.tar"),
            Tar([
                .. Enumerable
                    .Range(1, Validation)
                    .Select(i => ($"ILSVRC2012_val_{i:D8}.JPEG", images[i % images.Length])),
            ])
        );
        string truth = string.Concat(Enumerable.Range(1, Validation).Select(i => $"{(i * 7 % Classes) + 1}\n"));
        byte[] kit = Tar(
            ("ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt", Encoding.ASCII.GetBytes(truth)),
            ("ILSVRC2012_devkit_t12/data/meta.mat", Meta())
        );
        using var gzip = new GZipStream(
            File.Create(Path.Combine(folder, "ILSVRC2012_devkit_t12.tar.gz")),
            CompressionLevel.Fastest
        );
        gzip.Write(kit);
    }

    private static string Synset(int i) => $"n0{1_000_000 + i}";

    private static byte[] Image(int i)
    {
        using var bitmap = new SKBitmap(50, 44);
        bitmap.Erase(new SKColor((byte)(i * 5), (byte)(255 - (i * 3)), 90));
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        return data.ToArray();
    }

    private static byte[] Tar(params (string Name, byte[] Bytes)[] files)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in files)
            {
                Add(writer, name, bytes);
            }
        }
        return stream.ToArray();
    }

    private static void Add(TarWriter writer, string name, byte[] bytes) =>
        writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes) });

    /// <summary>Returns a MATLAB 5 file with the structure array "synsets", as MAT-File Format describes it.</summary>
    private static byte[] Meta()
    {
        string[] fields = ["ILSVRC2012_ID", "WNID", "words", "num_children"];
        const int NameBytes = 32;
        var names = new byte[fields.Length * NameBytes];
        for (int f = 0; f < fields.Length; f++)
        {
            Encoding.ASCII.GetBytes(fields[f]).CopyTo(names, f * NameBytes);
        }
        List<byte[]> content = [Head(2, Classes, "synsets"), Element(5, Int(NameBytes)), Element(1, names)];
        for (int id = 1; id <= Classes; id++)
        {
            content.Add(Number(id));
            content.Add(Text(Synset(Classes - id)));
            content.Add(Text($"class {id - 1}"));
            content.Add(Number(0));
        }
        var header = new byte[128];
        Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file".PadRight(116)).CopyTo(header, 0);
        header[125] = 1;
        "IM"u8.CopyTo(header.AsSpan(126));
        return [.. header, .. Element(14, [.. content.SelectMany(c => c)])];

        static byte[] Number(double value) => Element(14, [.. Head(6, 1, ""), .. Element(9, Double(value))]);
        static byte[] Text(string text) =>
            Element(14, [.. Head(4, text.Length, ""), .. Element(16, Encoding.ASCII.GetBytes(text))]);
        static byte[] Head(byte kind, int count, string name) =>
            [
                .. Element(6, [kind, 0, 0, 0, 0, 0, 0, 0]),
                .. Element(5, [.. Int(1), .. Int(count)]),
                .. Element(1, Encoding.ASCII.GetBytes(name)),
            ];
    }

    private static byte[] Element(int type, byte[] data) =>
        [.. Int(type), .. Int(data.Length), .. data, .. new byte[(8 - (data.Length % 8)) % 8]];

    private static byte[] Int(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Double(double value)
    {
        var bytes = new byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        return bytes;
    }
}
