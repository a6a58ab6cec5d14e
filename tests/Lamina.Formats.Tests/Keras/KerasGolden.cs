namespace Lamina.Formats.Tests.Keras;

internal static class KerasGolden
{
    public static string Folder(params string[] names) => Path.Combine([AppContext.BaseDirectory, "Goldens", .. names]);

    public static string Tiny(string name) => Folder("keras", "tiny", name);
}

/// <summary>Loads damaged files: an error of one line or a model, in bounded memory, and nothing else.</summary>
internal static class Damage
{
    private const long Slack = 64 << 20;

    /// <summary>Whether the file loads; fails the test on anything but a model or an error of one line that begins with the path.</summary>
    public static bool Survives(string path, Action load)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool loaded = true;
        try
        {
            load();
        }
        catch (ModelFileException e)
        {
            loaded = false;
            OneLine.IsOneLine(e);
            Assert.StartsWith(Path.GetDirectoryName(path)!, e.Message, StringComparison.Ordinal);
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, new FileInfo(path).Length + Slack);
        return loaded;
    }

    /// <summary>
    /// The bytes with each byte changed in turn, but that of the zeros among zeros that fill HDF5's tables, each eleventh.
    /// </summary>
    public static IEnumerable<byte[]> Flips(byte[] bytes, byte mask)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            if (i % 11 != 0 && IsFilling(bytes, i))
            {
                continue;
            }
            byte[] changed = [.. bytes];
            changed[i] ^= mask;
            yield return changed;
        }
    }

    /// <summary>Every beginning of the bytes, but that of those that end among zeros, each eleventh.</summary>
    public static IEnumerable<byte[]> Truncations(byte[] bytes)
    {
        for (int n = 0; n < bytes.Length; n++)
        {
            if (n % 11 == 0 || !IsFilling(bytes, n))
            {
                yield return bytes[..n];
            }
        }
    }

    /// <summary>The bytes with each address-sized field, where it may lie, holding what addresses should not.</summary>
    public static IEnumerable<byte[]> Addresses(byte[] bytes)
    {
        long[] values = [0, 96, long.MinValue, 1L << 62, bytes.Length - 1];
        for (int i = 0; i + 8 <= bytes.Length; i += 8)
        {
            if (i % 88 != 0 && IsFilling(bytes, i))
            {
                continue;
            }
            foreach (long value in (long[])[.. values, i])
            {
                byte[] changed = [.. bytes];
                BitConverter.TryWriteBytes(changed.AsSpan(i), value);
                yield return changed;
            }
        }
    }

    private static bool IsFilling(byte[] bytes, int at) =>
        bytes.AsSpan(Math.Max(0, at - 8), Math.Min(16, bytes.Length - at)).IndexOfAnyExcept((byte)0) < 0;
}
