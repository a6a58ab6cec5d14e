using System.Buffers.Binary;
using System.Text;

namespace Lamina.Formats.Tests;

/// <summary>Safetensors files put together by hand from the format's description, not by our writer.</summary>
internal static class SafetensorsBytes
{
    public static byte[] File(string header, params byte[] data) => File(Encoding.UTF8.GetBytes(header), data);

    public static byte[] File(byte[] header, params byte[] data)
    {
        var file = new byte[8 + header.Length + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file, 8);
        data.CopyTo(file, 8 + header.Length);
        return file;
    }

    public static SafetensorsReader Open(byte[] file) =>
        new(new MemoryStream(file), file.Length, "f", leaveOpen: false);

    /// <summary>All that a file says: what must stay the same where a damaged file is accepted.</summary>
    public static string Describe(SafetensorsReader reader)
    {
        var text = new StringBuilder();
        foreach ((string key, string value) in reader.Metadata)
        {
            text.Append(key).Append('=').Append(value).Append(';');
        }
        foreach (SafetensorsTensor tensor in reader.Tensors)
        {
            var bytes = new byte[tensor.ByteCount];
            reader.ReadBytes(tensor.Name, 0, bytes);
            text.Append(tensor).Append(Convert.ToHexString(bytes)).Append(';');
        }
        return text.ToString();
    }
}
