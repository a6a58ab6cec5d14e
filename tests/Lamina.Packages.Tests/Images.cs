namespace Lamina.Packages.Tests;

/// <summary>Writes small images that two classes tell apart: dark ones and light ones.</summary>
internal static class Images
{
    private const int Side = 32;

    /// <summary>Writes <c>dark</c> and <c>light</c> with this many bitmaps each, with different noise.</summary>
    public static void Write(string folder, int perClass)
    {
        foreach ((string name, int level) in new[] { ("dark", 40), ("light", 200) })
        {
            string one = Path.Combine(folder, name);
            Directory.CreateDirectory(one);
            for (int i = 0; i < perClass; i++)
            {
                File.WriteAllBytes(Path.Combine(one, $"{i}.bmp"), Bitmap(level, new Random((level * 1000) + i)));
            }
        }
    }

    /// <summary>Returns a 24-bit Windows bitmap.</summary>
    private static byte[] Bitmap(int level, Random random)
    {
        const int header = 54;
        byte[] file = new byte[header + (Side * Side * 3)];
        "BM"u8.CopyTo(file);
        foreach (
            (int at, int value) in new[]
            {
                (2, file.Length),
                (10, header),
                (14, 40),
                (18, Side),
                (22, Side),
                (34, Side * Side * 3),
            }
        )
        {
            BitConverter.TryWriteBytes(file.AsSpan(at), value);
        }
        file[26] = 1;
        file[28] = 24;
        for (int i = header; i < file.Length; i++)
        {
            file[i] = (byte)(level + random.Next(-30, 31));
        }
        return file;
    }
}
