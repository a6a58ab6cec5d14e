using System.Buffers.Binary;
using System.Text;

namespace Lamina.Formats.Tests.TensorBoard;

/// <summary>
/// Reads event files by the bytes: the framing with a bitwise CRC-32C, the messages by wire type and field number. It uses
/// nothing of the writer.
/// </summary>
internal static class RawEvents
{
    public static List<byte[]> Records(string path)
    {
        ReadOnlySpan<byte> rest = File.ReadAllBytes(path);
        List<byte[]> records = [];
        while (rest.Length > 0)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(rest);
            Assert.Equal(Masked(rest[..8]), BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]));
            ReadOnlySpan<byte> data = rest.Slice(12, length);
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(rest[(12 + length)..]));
            records.Add(data.ToArray());
            rest = rest[(16 + length)..];
        }
        return records;
    }

    /// <summary>A message's fields in order: varint as ulong, fixed64 as double, bytes, fixed32 as float.</summary>
    public static List<(int Field, object Value)> Fields(ReadOnlySpan<byte> message)
    {
        List<(int, object)> fields = [];
        while (message.Length > 0)
        {
            ulong key = Varint(ref message);
            object value;
            switch (key & 7)
            {
                case 0:
                    value = Varint(ref message);
                    break;
                case 1:
                    value = BinaryPrimitives.ReadDoubleLittleEndian(message);
                    message = message[8..];
                    break;
                case 2:
                    var length = (int)Varint(ref message);
                    value = message[..length].ToArray();
                    message = message[length..];
                    break;
                case 5:
                    value = BinaryPrimitives.ReadSingleLittleEndian(message);
                    message = message[4..];
                    break;
                default:
                    throw new InvalidDataException($"Wire type {key & 7}.");
            }
            fields.Add(((int)(key >> 3), value));
        }
        return fields;
    }

    public static object? Field(byte[] message, int number) =>
        Fields(message).Where(f => f.Field == number).Select(f => f.Value).SingleOrDefault();

    public static string Text(object? bytes) => Encoding.UTF8.GetString((byte[])bytes!);

    public static double[] Doubles(object? packed)
    {
        var bytes = (byte[])packed!;
        return
        [
            .. Enumerable
                .Range(0, bytes.Length / 8)
                .Select(i => BinaryPrimitives.ReadDoubleLittleEndian(bytes.AsSpan(8 * i))),
        ];
    }

    /// <summary>CRC-32C bit by bit: the reflected polynomial 0x82F63B78.</summary>
    public static uint Crc(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int i = 0; i < 8; i++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
            }
        }
        return ~crc;
    }

    private static uint Masked(ReadOnlySpan<byte> data)
    {
        uint crc = Crc(data);
        return unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8u);
    }

    private static ulong Varint(ref ReadOnlySpan<byte> message)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = message[0];
            message = message[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
