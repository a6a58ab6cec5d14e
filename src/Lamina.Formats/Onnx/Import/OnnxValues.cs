using System.Runtime.InteropServices;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Lamina;

/// <summary>Reads a tensor's values in order, one block at a time.</summary>
internal sealed class OnnxValues(OnnxTensor tensor)
{
    private const int BlockBytes = 1 << 16;

    private readonly byte[] _block = new byte[BlockBytes];
    private int _segment = -1;
    private long _offset;
    private long _left;
    private int _next;
    private int _count;

    /// <summary>Reads the next values as float32.</summary>
    public void Read(Span<float> destination)
    {
        if (!tensor.IsReal)
        {
            throw tensor.Error("it does not contain floating-point numbers");
        }
        bool isVarint = tensor.Segments is [(5, _, _), ..];
        if (tensor.Type == DataType.Float)
        {
            ReadBytes(MemoryMarshal.AsBytes(destination));
            return;
        }
        Span<byte> one = stackalloc byte[8];
        one = one[..tensor.Size];
        for (int i = 0; i < destination.Length; i++)
        {
            if (isVarint)
            {
                BitConverter.TryWriteBytes(one, (ushort)Varint());
            }
            else
            {
                ReadBytes(one);
            }
            destination[i] = tensor.Type switch
            {
                DataType.Double => (float)BitConverter.ToDouble(one),
                DataType.Float16 => (float)BitConverter.ToHalf(one),
                _ => BitConverter.Int32BitsToSingle(BitConverter.ToUInt16(one) << 16),
            };
        }
    }

    /// <summary>Reads the next values as integers.</summary>
    public void Read(Span<long> destination)
    {
        bool isVarint = tensor.Segments is [(5 or 7, _, _), ..];
        Span<byte> one = stackalloc byte[8];
        one = one[..tensor.Size];
        for (int i = 0; i < destination.Length; i++)
        {
            if (isVarint)
            {
                destination[i] = (long)Varint();
                continue;
            }
            ReadBytes(one);
            destination[i] = one.Length switch
            {
                8 => BitConverter.ToInt64(one),
                4 => BitConverter.ToInt32(one),
                _ => one[0],
            };
        }
    }

    private ulong Varint()
    {
        ulong value = 0;
        Span<byte> next = stackalloc byte[1];
        for (int shift = 0; shift < 70; shift += 7)
        {
            ReadBytes(next);
            value |= (ulong)(next[0] & 0x7f) << shift;
            if (next[0] < 0x80)
            {
                return value;
            }
        }
        throw tensor.Error("one of its values has more than ten bytes");
    }

    private void ReadBytes(Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            if (_next == _count && !Refill(destination, out int taken))
            {
                destination = destination[taken..];
                continue;
            }
            int count = Math.Min(destination.Length, _count - _next);
            _block.AsSpan(_next, count).CopyTo(destination);
            _next += count;
            destination = destination[count..];
        }
    }

    // Large reads go directly to their destination; the block is then empty.
    private bool Refill(Span<byte> destination, out int taken)
    {
        taken = 0;
        while (_left == 0)
        {
            if (++_segment >= tensor.Segments.Count)
            {
                throw tensor.Error("it has fewer values than elements");
            }
            (_, _offset, _left) = tensor.Segments[_segment];
        }
        if (destination.Length >= BlockBytes)
        {
            taken = (int)Math.Min(destination.Length, _left);
            tensor.ReadBytes(_offset, destination[..taken]);
            (_offset, _left) = (_offset + taken, _left - taken);
            return false;
        }
        _next = 0;
        _count = (int)Math.Min(BlockBytes, _left);
        tensor.ReadBytes(_offset, _block.AsSpan(0, _count));
        (_offset, _left) = (_offset + _count, _left - _count);
        return true;
    }
}
