using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Lamina;

/// <summary>
/// Writes safetensors files. Tensors are in the given order; the header is padded with spaces so that their bytes begin
/// at a multiple of 8. Values are written as they are requested, without a copy of the file in memory.
/// </summary>
public static class SafetensorsWriter
{
    private const int Alignment = 8;
    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Writes a file atomically.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">The tensors, in order.</param>
    /// <param name="metadata">The strings for <c>__metadata__</c>; <see langword="null"/> to omit it.</param>
    /// <exception cref="ArgumentException">
    /// Two tensors have the same name, or a name is not allowed by the format.
    /// </exception>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Save(
        string path,
        IReadOnlyList<SafetensorsEntry> tensors,
        IReadOnlyDictionary<string, string>? metadata = null
    ) => AtomicFile.Write(path, stream => Write(stream, tensors, metadata));

    /// <summary>Writes to a stream.</summary>
    /// <param name="stream">The stream, which need not support seeking.</param>
    /// <param name="tensors">The tensors, in order.</param>
    /// <param name="metadata">The strings for <c>__metadata__</c>; <see langword="null"/> to omit it.</param>
    /// <exception cref="ArgumentException">
    /// Two tensors have the same name, or a name is not allowed by the format.
    /// </exception>
    public static void Write(
        Stream stream,
        IReadOnlyList<SafetensorsEntry> tensors,
        IReadOnlyDictionary<string, string>? metadata = null
    )
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        ReadOnlySpan<byte> header = Header(tensors, metadata).WrittenSpan;
        int padding = (Alignment - (header.Length % Alignment)) % Alignment;
        if (header.Length + padding > SafetensorsHeader.MaxLength)
        {
            throw new ArgumentException(
                $"The header would have {header.Length} bytes, more than the format's limit of {SafetensorsHeader.MaxLength}.",
                nameof(tensors)
            );
        }
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length + padding);
        stream.Write(length);
        stream.Write(header);
        stream.Write("        "u8[..padding]);
        foreach (SafetensorsEntry tensor in tensors)
        {
            tensor.Bytes(stream);
        }
    }

    private static ArrayBufferWriter<byte> Header(
        IReadOnlyList<SafetensorsEntry> tensors,
        IReadOnlyDictionary<string, string>? metadata
    )
    {
        var buffer = new ArrayBufferWriter<byte>();
        // Names stay readable; the file is not a web page.
        using var json = new Utf8JsonWriter(
            buffer,
            new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
        );
        json.WriteStartObject();
        if (metadata is { Count: > 0 })
        {
            json.WriteStartObject(SafetensorsHeader.MetadataKey);
            foreach ((string key, string value) in metadata)
            {
                json.WriteString(Utf8Bytes(key), Utf8Bytes(value));
            }
            json.WriteEndObject();
        }
        var names = new HashSet<string>(StringComparer.Ordinal);
        long offset = 0;
        foreach (SafetensorsEntry tensor in tensors)
        {
            if (tensor.Name == SafetensorsHeader.MetadataKey || !names.Add(tensor.Name))
            {
                throw new ArgumentException(
                    $"{Quoted.Name(tensor.Name)} cannot name a tensor: the name is already used.",
                    nameof(tensors)
                );
            }
            json.WriteStartObject(Utf8Bytes(tensor.Name));
            json.WriteString("dtype"u8, tensor.Dtype.FileName());
            json.WriteStartArray("shape"u8);
            foreach (int? size in tensor.Shape)
            {
                json.WriteNumberValue(size!.Value);
            }
            json.WriteEndArray();
            json.WriteStartArray("data_offsets"u8);
            json.WriteNumberValue(offset);
            offset = checked(offset + (tensor.Count * tensor.Dtype.Size()));
            json.WriteNumberValue(offset);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.Flush();
        return buffer;
    }

    // Lone surrogates would become U+FFFD, and two names could become equal.
    private static byte[] Utf8Bytes(string text)
    {
        try
        {
            return s_strictUtf8.GetBytes(text);
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException($"{Quoted.Name(text)} is not valid Unicode text.", nameof(text), e);
        }
    }
}
