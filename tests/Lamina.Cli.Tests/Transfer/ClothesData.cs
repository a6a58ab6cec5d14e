using System.Buffers.Binary;
using Lamina.Runs.Data;
using static Lamina.Layers;

namespace Lamina.Cli.Tests.Transfer;

/// <summary>Some classes of the shipped images as IDX files, and a network small enough to train on them in a second.</summary>
internal static class ClothesData
{
    /// <summary>Writes a folder of IDX files.</summary>
    /// <param name="folder">The folder, made.</param>
    /// <param name="classes">The classes, which get the labels 0, 1…</param>
    /// <param name="train">Training images a class.</param>
    /// <param name="test">Test images a class.</param>
    public static void Write(string folder, int[] classes, int train, int test)
    {
        Directory.CreateDirectory(folder);
        string[] names = File.ReadAllLines(Path.Combine(DataSelection.ShippedFolder, "classes.txt"));
        File.WriteAllLines(Path.Combine(folder, "classes.txt"), classes.Select(c => names[c]));
        foreach ((string part, int count) in ((string, int)[])[("train", train), ("t10k", test)])
        {
            byte[] images = Read($"{part}-images-idx3-ubyte.gz")[16..];
            byte[] labels = Read($"{part}-labels-idx1-ubyte.gz")[8..];
            int[] chosen =
            [
                .. classes.SelectMany(c => Enumerable.Range(0, labels.Length).Where(i => labels[i] == c).Take(count)),
            ];
            IEnumerable<byte> pixels = chosen.SelectMany(i => images[(i * 784)..((i + 1) * 784)]);
            File.WriteAllBytes(
                Path.Combine(folder, $"{part}-images-idx3-ubyte"),
                [.. Header(3, chosen.Length, 28, 28), .. pixels]
            );
            File.WriteAllBytes(
                Path.Combine(folder, $"{part}-labels-idx1-ubyte"),
                [.. Header(1, chosen.Length), .. chosen.Select(i => (byte)Array.IndexOf(classes, labels[i]))]
            );
        }
    }

    /// <summary>Two convolutions and two dense layers for 28×28 pixels.</summary>
    public static Model Network(int classes, long seed)
    {
        Session.Clear();
        Session.SetRandomSeed(seed);
        Symbol input = Input(28, 28, 1);
        Symbol x = MaxPool2D(2)(Conv2D(16, 5, activation: "relu")(input));
        x = MaxPool2D(2)(BatchNormalization()(Conv2D(32, 3, activation: "relu")(x)));
        x = Dense(64, activation: "relu")(Flatten()(x));
        return Model(input, Dense(classes, activation: "softmax")(x));
    }

    private static byte[] Read(string name)
    {
        using var file = new System.IO.Compression.GZipStream(
            File.OpenRead(Path.Combine(DataSelection.ShippedFolder, name)),
            System.IO.Compression.CompressionMode.Decompress
        );
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static byte[] Header(byte rank, params int[] dims)
    {
        var header = new byte[4 + (4 * dims.Length)];
        header[2] = 8;
        header[3] = rank;
        for (int i = 0; i < dims.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * i)), dims[i]);
        }
        return header;
    }
}
