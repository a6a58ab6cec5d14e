using System.Text.Json;
using System.Text.Unicode;

namespace Lamina;

/// <summary>
/// Reads a safetensors header: a JSON object from names to dtype, shape and data_offsets. Token by token, since a
/// document model hides duplicate keys, which the format forbids.
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>The maximum length of a header by the format, in bytes.</summary>
    public const int MaxLength = 100_000_000;

    /// <summary>The key of the optional map of strings among the tensors.</summary>
    public const string MetadataKey = "__metadata__";

    // The depth of the header's object, a tensor's, and the arrays in it.
    private const int MaxDepth = 3;

    // The memory of a header's tensors and texts, beyond the header itself: for reading a tensor, including garbage, without
    // its name and numbers; and for a number of a shape.
    private const long BudgetBytes = 48L << 20;
    private const int TensorBytes = 1000;
    private const int NumberBytes = 24;

    /// <summary>Parses and checks a header.</summary>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataLength">The number of bytes of the file after the header.</param>
    /// <param name="file">The file's name in errors.</param>
    /// <returns>The tensors in the order of their bytes, and the metadata.</returns>
    /// <exception cref="ModelFileException">The header violates a rule of the format.</exception>
    public static (List<SafetensorsTensor> Tensors, Dictionary<string, string> Metadata) Parse(
        ReadOnlySpan<byte> json,
        long dataLength,
        string file
    )
    {
        if (json.IsEmpty || json[0] != (byte)'{')
        {
            throw new ModelFileException($"{file}: the safetensors header does not begin with '{{'.");
        }
        if (!Utf8.IsValid(json))
        {
            throw new ModelFileException($"{file}: the safetensors header is not UTF-8 text.");
        }
        var tensors = new List<SafetensorsTensor>();
        Dictionary<string, string>? metadata = null;
        var budget = new MemoryBudget(
            BudgetBytes,
            $"{file}: its safetensors header",
            "names, shapes and metadata, more than any model."
        );
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                budget.Spend(TensorBytes + (4L * reader.ValueSpan.Length));
                string name = reader.GetString()!;
                if (!names.Add(name))
                {
                    throw new ModelFileException($"{file}: the safetensors header contains {Quoted.Name(name)} twice.");
                }
                reader.Read();
                if (name == MetadataKey)
                {
                    metadata = ReadMetadata(ref reader, budget, file);
                }
                else
                {
                    tensors.Add(ReadTensor(ref reader, budget, name, file));
                }
            }
            // Reads past the closing brace: anything but white space there is an error of the JSON.
            while (reader.Read()) { }
        }
        // The reader throws InvalidOperationException for escapes that are not characters (a lone "\ud800").
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ModelFileException(
                $"{file}: the safetensors header is malformed JSON at byte {8 + reader.BytesConsumed}.",
                e
            );
        }
        CheckLayout(tensors, dataLength, file);
        return (tensors, metadata ?? []);
    }

    private static Dictionary<string, string> ReadMetadata(ref Utf8JsonReader reader, MemoryBudget budget, string file)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new ModelFileException($"{file}: {MetadataKey} is not an object of strings.");
        }
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            budget.Spend(TensorBytes + (2L * reader.ValueSpan.Length));
            string key = reader.GetString()!;
            reader.Read();
            budget.Spend(2L * reader.ValueSpan.Length);
            if (reader.TokenType != JsonTokenType.String)
            {
                throw new ModelFileException($"{file}: {MetadataKey} {Quoted.Name(key)} is not a string.");
            }
            if (!metadata.TryAdd(key, reader.GetString()!))
            {
                throw new ModelFileException($"{file}: {MetadataKey} contains {Quoted.Name(key)} twice.");
            }
        }
        return metadata;
    }

    private static SafetensorsTensor ReadTensor(
        ref Utf8JsonReader reader,
        MemoryBudget budget,
        string name,
        string file
    )
    {
        string where = $"{file}: tensor {Quoted.Name(name)}";
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new ModelFileException($"{where} is not an object with dtype, shape and data_offsets.");
        }
        string? dtypeName = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            budget.Spend(2L * reader.ValueSpan.Length);
            string key = reader.GetString()!;
            bool twice = key switch
            {
                "dtype" => dtypeName is not null,
                "shape" => shape is not null,
                "data_offsets" => offsets is not null,
                _ => throw new ModelFileException($"{where} has the unknown key {Quoted.Name(key)}."),
            };
            if (twice)
            {
                throw new ModelFileException($"{where} has {key} twice.");
            }
            reader.Read();
            budget.Spend(2L * reader.ValueSpan.Length);
            switch (key)
            {
                case "dtype":
                    dtypeName =
                        reader.TokenType == JsonTokenType.String
                            ? reader.GetString()!
                            : throw new ModelFileException($"{where}: dtype is not a string.");
                    break;
                case "shape":
                    shape = ReadNumbers(ref reader, budget, where, key);
                    break;
                default:
                    offsets = ReadNumbers(ref reader, budget, where, key);
                    break;
            }
        }
        if (dtypeName is null || shape is null || offsets is null)
        {
            string missing =
                dtypeName is null ? "dtype"
                : shape is null ? "shape"
                : "data_offsets";
            throw new ModelFileException($"{where} has no {missing}.");
        }
        SafetensorsDtype dtype =
            SafetensorsDtypes.FromFileName(dtypeName)
            ?? throw new ModelFileException($"{where}: dtype {Quoted.Name(dtypeName)} is unknown.");
        return Checked(name, dtype, shape, offsets, where);
    }

    private static List<long> ReadNumbers(ref Utf8JsonReader reader, MemoryBudget budget, string where, string key)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new ModelFileException($"{where}: {key} is not a list of numbers.");
        }
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
            {
                throw new ModelFileException($"{where}: {key} must contain integers from 0 to 2^63 - 1.");
            }
            budget.Spend(NumberBytes);
            numbers.Add(number);
        }
        return numbers;
    }

    private static SafetensorsTensor Checked(
        string name,
        SafetensorsDtype dtype,
        List<long> shape,
        List<long> offsets,
        string where
    )
    {
        if (offsets is not [long begin, long end] || begin > end)
        {
            throw new ModelFileException($"{where}: data_offsets must be [begin, end] with begin ≤ end.");
        }
        long bytes = dtype.Size();
        try
        {
            foreach (long size in shape)
            {
                bytes = checked(bytes * size);
            }
        }
        catch (OverflowException)
        {
            throw new ModelFileException($"{where}: its shape has more elements than a file can contain.");
        }
        var tensor = new SafetensorsTensor(name, dtype, shape, begin, end - begin);
        return tensor.ByteCount == bytes
            ? tensor
            : throw new ModelFileException(
                $"{where}: data_offsets [{begin}, {end}] span {end - begin} bytes, {dtype.FileName()} {tensor.DimensionsText} has {bytes}."
            );
    }

    // Every byte of the data belongs to exactly one tensor.
    private static void CheckLayout(List<SafetensorsTensor> tensors, long dataLength, string file)
    {
        SafetensorsTensor[] ordered = [.. tensors.OrderBy(t => t.Offset).ThenBy(t => t.ByteCount)];
        long position = 0;
        foreach (SafetensorsTensor tensor in ordered)
        {
            if (tensor.Offset != position)
            {
                string what = tensor.Offset < position ? "overlaps the tensor before it" : "leaves a gap before it";
                throw new ModelFileException(
                    $"{file}: tensor {Quoted.Name(tensor.Name)} {what}: it begins at {tensor.Offset}, expected {position}."
                );
            }
            // Both are at least 0 and their sum is the end that was read: no overflow.
            position = tensor.Offset + tensor.ByteCount;
        }
        if (position != dataLength)
        {
            string what = position > dataLength ? "the file is cut off" : "the file has bytes after its last tensor";
            throw new ModelFileException(
                $"{file}: {what}: its tensors take {position} bytes, {dataLength} follow the header."
            );
        }
        tensors.Clear();
        tensors.AddRange(ordered);
    }
}
