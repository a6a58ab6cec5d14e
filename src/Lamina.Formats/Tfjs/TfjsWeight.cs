using System.Globalization;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A verified weight of a tfjs manifest: its name, shape, and the conversion of its bytes to numbers.
/// </summary>
internal sealed record TfjsWeight(string Name, IReadOnlyList<long> Shape, string Dtype, double Scale, double Min)
{
    private const int MaxRank = 32;

    /// <summary>The number of elements.</summary>
    public long Count { get; } = Product(Shape);

    /// <summary>The size of an element in the shards, in bytes.</summary>
    public int Size { get; } =
        Dtype switch
        {
            "float32" or "int32" => 4,
            "float16" or "uint16" => 2,
            _ => 1,
        };

    /// <summary>The size in the shards, in bytes.</summary>
    public long Bytes => checked(Count * Size);

    /// <summary>Reads one entry of a manifest's <c>weights</c>.</summary>
    /// <exception cref="ModelFileException">The entry is malformed.</exception>
    public static TfjsWeight Read(JsonNode? node, string file)
    {
        if (node is not JsonObject entry || !TryText(entry["name"], out string name))
        {
            throw new ModelFileException($"{file}: a weight of the manifest is not an object with a name.");
        }
        string where = $"{file}: weight {Quoted.Name(name)}";
        if (entry["shape"] is not JsonArray dims || dims.Count > MaxRank)
        {
            throw new ModelFileException($"{where}: the shape is missing or not a list of at most {MaxRank} sizes.");
        }
        var shape = new long[dims.Count];
        for (int i = 0; i < shape.Length; i++)
        {
            if (dims[i] is not JsonValue value || !value.TryGetValue(out long size) || size < 0 || size > int.MaxValue)
            {
                throw new ModelFileException($"{where}: a size of the shape is not an integer from 0 to 2^31 - 1.");
            }
            shape[i] = size;
        }
        if (!TryText(entry["dtype"], out string dtype))
        {
            throw new ModelFileException($"{where}: the dtype is missing or not a string.");
        }
        (double scale, double min) = (1, 0);
        if (entry["quantization"] is JsonObject quantization)
        {
            if (!TryText(quantization["dtype"], out dtype))
            {
                throw new ModelFileException($"{where}: the quantization's dtype is missing or not a string.");
            }
            if (dtype != "float16")
            {
                scale = Number(quantization["scale"], $"{where}: the quantization's scale");
                min = Number(quantization["min"], $"{where}: the quantization's min");
            }
        }
        if (dtype is not ("float32" or "float16" or "uint16" or "uint8" or "int32" or "bool"))
        {
            throw new ModelFileException(
                $"{where}: the dtype is {Quoted.Name(dtype)}; Lamina reads float32, float16, and uint8 and uint16 with a quantization."
            );
        }
        try
        {
            var weight = new TfjsWeight(name, shape, dtype, scale, min);
            _ = weight.Bytes;
            return weight;
        }
        catch (OverflowException e)
        {
            throw new ModelFileException($"{where}: the shape has more than 2^63 bytes.", e);
        }
    }

    /// <summary>Converts the weight's bytes, or a part of them, to numbers.</summary>
    public void Convert(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        switch (Dtype)
        {
            case "float32":
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = System.Buffers.Binary.BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]);
                }
                break;
            case "float16":
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = (float)System.Buffers.Binary.BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]);
                }
                break;
            case "uint16":
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = (float)(
                        (System.Buffers.Binary.BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) * Scale) + Min
                    );
                }
                break;
            default:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = (float)((bytes[i] * Scale) + Min);
                }
                break;
        }
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Quoted.Name(Name)} {Dtype} ({string.Join(", ", Shape.Select(s => s.ToString(CultureInfo.InvariantCulture)))})";

    private static long Product(IReadOnlyList<long> shape)
    {
        long product = 1;
        foreach (long size in shape)
        {
            product = checked(product * size);
        }
        return product;
    }

    private static bool TryText(JsonNode? node, out string text)
    {
        text = "";
        return node is JsonValue value && value.TryGetValue(out text!);
    }

    private static double Number(JsonNode? node, string what) =>
        node is JsonValue value && value.TryGetValue(out double number) && double.IsFinite(number)
            ? number
            : throw new ModelFileException($"{what} is missing or not a number.");
}
