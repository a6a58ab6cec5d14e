using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Lamina.Hdf5;

/// <summary>A dataset: its type, its dimensions, and the position of its values.</summary>
internal sealed class Hdf5Dataset
{
    private readonly Hdf5Reader _reader;
    private readonly Hdf5Layout _layout;

    private Hdf5Dataset(Hdf5Reader reader, string path, Hdf5Type type, Hdf5Space space, Hdf5Layout layout) =>
        (_reader, Path, Type, Space, _layout) = (reader, path, type, space, layout);

    /// <summary>The path from the root.</summary>
    public string Path { get; }

    /// <summary>The type of an element.</summary>
    public Hdf5Type Type { get; }

    /// <summary>The dimensions.</summary>
    public Hdf5Space Space { get; }

    /// <summary>The size of the values in bytes.</summary>
    public long Bytes => Space.Count * Type.Size;

    public static Hdf5Dataset Read(Hdf5Reader reader, List<Hdf5Message> messages, string path)
    {
        if (messages.Exists(m => m.Type == Hdf5Message.ExternalFiles))
        {
            throw new InvalidDataException($"dataset {Quoted.Name(path)} keeps its values in another file");
        }
        byte[] Needed(int type, string what) =>
            messages.Find(type) ?? throw new InvalidDataException($"dataset {Quoted.Name(path)} has no {what}");
        var space = Hdf5Space.Read(Needed(Hdf5Message.Dataspace, "dataspace"));
        var elementType = Hdf5Type.Read(Needed(Hdf5Message.Datatype, "datatype"));
        var filters = Hdf5Filters.Read(messages.Find(Hdf5Message.Filters));
        var layout = Hdf5Layout.Read(Needed(Hdf5Message.Layout, "layout"), filters);
        return new Hdf5Dataset(reader, path, elementType, space, layout);
    }

    /// <summary><see langword="true"/> if the values can be converted to float32.</summary>
    public bool IsFloat => Type.Kind is Hdf5Kind.Float or Hdf5Kind.BFloat;

    /// <summary>Reads the values as float32.</summary>
    public float[] ReadFloats()
    {
        if (!IsFloat)
        {
            throw new InvalidDataException($"dataset {this} is not of type float16, float32 or float64");
        }
        if (Space.Count > Array.MaxLength || Bytes > Array.MaxLength * 4L)
        {
            throw new InvalidDataException($"dataset {this} has more than 2^31 - 1 elements");
        }
        _layout.Claim(_reader.Source, this);
        float[] values = GC.AllocateUninitializedArray<float>((int)Space.Count);
        if (Type is { Kind: Hdf5Kind.Float, Size: 4, BigEndian: false } && !_layout.IsChunked)
        {
            ReadPlain(values);
            return values;
        }
        _layout.Read(
            _reader.Source,
            this,
            (bytes, at, count) => Convert(bytes, values.AsSpan(checked((int)at), count)),
            start: () => values.AsSpan().Clear()
        );
        return values;
    }

    private void ReadPlain(float[] values)
    {
        const int Block = 1 << 20;
        for (int start = 0; start < values.Length; start += Block)
        {
            Span<byte> bytes = MemoryMarshal.AsBytes(values.AsSpan(start, Math.Min(Block, values.Length - start)));
            _layout.ReadPlain(_reader.Source, this, start * 4L, bytes);
        }
    }

    private void Convert(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        switch (Type.Size, Type.Kind, Type.BigEndian)
        {
            case (4, _, false):
                MemoryMarshal.Cast<byte, float>(bytes[..(4 * values.Length)]).CopyTo(values);
                break;
            case (4, _, true):
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = BinaryPrimitives.ReadSingleBigEndian(bytes[(4 * i)..]);
                }
                break;
            case (8, _, var big):
                for (int i = 0; i < values.Length; i++)
                {
                    ReadOnlySpan<byte> at = bytes[(8 * i)..];
                    values[i] = (float)(
                        big ? BinaryPrimitives.ReadDoubleBigEndian(at) : BinaryPrimitives.ReadDoubleLittleEndian(at)
                    );
                }
                break;
            case (_, Hdf5Kind.BFloat, var big):
                for (int i = 0; i < values.Length; i++)
                {
                    ReadOnlySpan<byte> at = bytes[(2 * i)..];
                    uint half = big
                        ? BinaryPrimitives.ReadUInt16BigEndian(at)
                        : BinaryPrimitives.ReadUInt16LittleEndian(at);
                    values[i] = BitConverter.UInt32BitsToSingle(half << 16);
                }
                break;
            case (_, _, var big):
                for (int i = 0; i < values.Length; i++)
                {
                    ReadOnlySpan<byte> at = bytes[(2 * i)..];
                    values[i] = (float)(
                        big ? BinaryPrimitives.ReadHalfBigEndian(at) : BinaryPrimitives.ReadHalfLittleEndian(at)
                    );
                }
                break;
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var dims = Space.Dims.Select(d => d.ToString(CultureInfo.InvariantCulture)).ToArray();
        return $"{Quoted.Name(Path)} {Type.Name} ({string.Join(", ", dims)}{(dims.Length == 1 ? "," : "")})";
    }
}
