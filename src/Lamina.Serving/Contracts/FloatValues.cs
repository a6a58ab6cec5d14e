using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Lamina.Serving;

/// <summary>Converts raw little-endian tensor data to float32 values.</summary>
internal static class FloatValues
{
    /// <summary>Converts values of a floating-point type.</summary>
    /// <param name="type">FP16, BF16, FP32 or FP64.</param>
    /// <param name="source">As many elements as <paramref name="target"/> has, little-endian.</param>
    /// <param name="target">Receives the values.</param>
    public static void Convert(string type, ReadOnlySpan<byte> source, Span<float> target)
    {
        switch (type)
        {
            case DataType.Fp32 when BitConverter.IsLittleEndian:
                source.CopyTo(MemoryMarshal.AsBytes(target));
                break;
            case DataType.Fp32:
                for (int i = 0; i < target.Length; i++)
                {
                    target[i] = BinaryPrimitives.ReadSingleLittleEndian(source[(i * sizeof(float))..]);
                }
                break;
            case DataType.Fp64:
                for (int i = 0; i < target.Length; i++)
                {
                    target[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(source[(i * sizeof(double))..]);
                }
                break;
            case DataType.Bf16:
                for (int i = 0; i < target.Length; i++)
                {
                    int bits = BinaryPrimitives.ReadUInt16LittleEndian(source[(i * sizeof(ushort))..]) << 16;
                    target[i] = BitConverter.Int32BitsToSingle(bits);
                }
                break;
            default:
                for (int i = 0; i < target.Length; i++)
                {
                    target[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(source[(i * sizeof(ushort))..]);
                }
                break;
        }
    }
}
