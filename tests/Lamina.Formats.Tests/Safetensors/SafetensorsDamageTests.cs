using System.Text;
using static Lamina.Formats.Tests.SafetensorsBytes;

namespace Lamina.Formats.Tests;

/// <summary>A damaged file is refused with one line, or says exactly what the whole one said.</summary>
public class SafetensorsDamageTests
{
    private const string Header =
        """{"__metadata__":{"k":"v"},"a/kernel":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"I32","shape":[],"data_offsets":[8,12]}} """;

    private static readonly byte[] s_file = File(Header, 0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0, 7, 0, 0, 0);

    [Fact]
    public void Every_truncation_is_refused()
    {
        for (int length = 0; length < s_file.Length; length++)
        {
            OneLine.Error(() => Open(s_file[..length]), "f: ");
        }
    }

    [Fact]
    public void Every_extension_is_refused()
    {
        for (int extra = 1; extra < 20; extra++)
        {
            OneLine.Error(() => Open([.. s_file, .. new byte[extra]]), "f: ");
        }
    }

    [Fact]
    public void Every_bit_flip_in_header_is_refused_or_read_as_what_it_then_says()
    {
        int refused = 0;
        int accepted = 0;
        int dataStart = s_file.Length - 12;
        for (int i = 0; i < s_file.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] damaged = [.. s_file];
                damaged[i] ^= (byte)(1 << bit);
                try
                {
                    using SafetensorsReader reader = Open(damaged);
                    // Without a checksum the format cannot tell a changed name, string, type of equal size or value; the
                    // layout of the bytes is the whole file's all the same.
                    _ = Describe(reader);
                    Assert.Equal([0L, 8L], reader.Tensors.Select(t => t.Offset));
                    Assert.Equal([8L, 4L], reader.Tensors.Select(t => t.ByteCount));
                    accepted++;
                }
                catch (LaminaException e)
                {
                    OneLine.IsOneLine(e);
                    Assert.True(i < dataStart, $"byte {i} is data and was refused: {e.Message}");
                    refused++;
                }
            }
        }
        Assert.True(refused > Header.Length * 5, $"{refused} refused, {accepted} accepted");
        Assert.True(accepted >= 12 * 8, $"{refused} refused, {accepted} accepted");
    }

    [Fact]
    public void Random_headers_never_crash()
    {
        // Every substring replaced by every other token of the grammar: the errors of people and of fuzzers.
        string[] tokens =
        [
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "0",
            "-1",
            "1e9",
            "null",
            "true",
            "\"F32\"",
            "\\",
            "\u00e9",
        ];
        for (int i = 0; i < Header.Length; i++)
        {
            foreach (string token in tokens)
            {
                string header = string.Concat(Header.AsSpan(0, i), token, Header.AsSpan(i + 1));
                try
                {
                    using SafetensorsReader reader = Open(File(Encoding.UTF8.GetBytes(header), s_file[^12..]));
                    _ = Describe(reader);
                }
                catch (LaminaException e)
                {
                    OneLine.IsOneLine(e);
                }
            }
        }
    }
}
