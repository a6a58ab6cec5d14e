using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lamina.Quantization.Steps;

namespace Lamina.Quantization;

/// <summary>
/// A quantized model as one safetensors file: the numbers of its steps as tensors (I8 and F32), with the architecture,
/// the quantization settings and a SHA-256 of all of these in the metadata.
/// </summary>
internal static class QuantizedFile
{
    private const string Format = "lamina-int8";
    private const string Version = "1";
    private const string FormatKey = "format";
    private const string VersionKey = "format_version";
    private const string ModelKey = "model";
    private const string MethodKey = "method";
    private const string SamplesKey = "samples";
    private const string FloatLayersKey = "float_layers";
    private const string MetadataKey = "metadata";
    private const string HashKey = "sha256";

    private static readonly string[] s_hashed =
    [
        FormatKey,
        VersionKey,
        ModelKey,
        MethodKey,
        SamplesKey,
        FloatLayersKey,
        MetadataKey,
    ];

    /// <summary>
    /// Returns <see langword="true"/> if a file declares this format, <see langword="false"/> also if it cannot be
    /// read.
    /// </summary>
    public static bool Is(string path)
    {
        try
        {
            using SafetensorsReader reader = SafetensorsReader.Open(path);
            return reader.Metadata.GetValueOrDefault(FormatKey) == Format;
        }
        catch (ModelFileException)
        {
            return false;
        }
    }

    /// <summary>Saves a model.</summary>
    public static void Save(QuantizedModel model, string path, JsonObject metadata)
    {
        var floatLayers = new JsonArray([.. model.Record.FloatLayers.Select(l => JsonValue.Create(l))]);
        Dictionary<string, string> strings = new(StringComparer.Ordinal)
        {
            [FormatKey] = Format,
            [VersionKey] = Version,
            [ModelKey] = Text(model.Model.GetConfig(), $"{model.Model}: the architecture"),
            [MethodKey] = model.Method.ToString(),
            [SamplesKey] = model.CalibrationSamples.ToString(CultureInfo.InvariantCulture),
            [FloatLayersKey] = Text(new JsonObject { ["names"] = floatLayers }, "The layers"),
            [MetadataKey] = Text(metadata, "The metadata"),
        };
        strings[HashKey] = Hash(strings, model.Parameters);
        // Float32 first: bytes before it could shift it to offsets where other programs cannot read it in place.
        SafetensorsWriter.Save(path, [.. model.Parameters.OrderBy(p => p.IsBytes).Select(Entry)], strings);
    }

    /// <summary>Loads a model.</summary>
    /// <exception cref="ModelFileException">It is malformed or damaged.</exception>
    public static QuantizedModel Load(string path)
    {
        using SafetensorsReader reader = SafetensorsReader.Open(path);
        if (reader.Metadata.GetValueOrDefault(FormatKey) != Format)
        {
            throw new ModelFileException(
                $"{path}: is not a quantized model of Lamina: its metadata does not have the format \"{Format}\"."
            );
        }
        string version = Required(reader, VersionKey, path);
        if (version != Version)
        {
            throw new ModelFileException(
                $"{path}: has format version {Quoted.Name(version)}; this version of Lamina reads {Version}. Update Lamina."
            );
        }
        Model model = ModelFile.ModelOf(Json(reader, ModelKey, path), $"{path}: model");
        QuantizationRecord record = Record(reader, path);
        IntegerGraph graph = Graph(model, record, path);
        StepParameter[] parameters = [.. graph.Parameters];
        RequireTensors(reader, parameters, path);
        foreach (StepParameter parameter in parameters)
        {
            Read(reader, parameter, path);
        }
        if (Hash(reader.Metadata, parameters) != Required(reader, HashKey, path))
        {
            throw new ModelFileException(
                $"{path}: is damaged: its SHA-256 is not the one that was saved. Use another copy, or quantize the model again."
            );
        }
        return new QuantizedModel(model, graph, record);
    }

    private static SafetensorsEntry Entry(StepParameter parameter) =>
        parameter.IsBytes
            ? new SafetensorsEntry(parameter.Key, parameter.Shape, parameter.Bytes)
            : new SafetensorsEntry(parameter.Key, parameter.Shape, () => parameter.Floats);

    private static string Hash(IReadOnlyDictionary<string, string> strings, IReadOnlyList<StepParameter> parameters)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string key in s_hashed)
        {
            Append(strings.GetValueOrDefault(key, ""));
        }
        foreach (StepParameter parameter in parameters)
        {
            Append(parameter.Key);
            hash.AppendData(Raw(parameter));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        // The length first, so that no text can be moved from one string to the next.
        void Append(string text)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(Encoding.ASCII.GetBytes(bytes.Length.ToString(CultureInfo.InvariantCulture) + "\n"));
            hash.AppendData(bytes);
        }
    }

    private static Span<byte> Raw(StepParameter parameter) =>
        parameter.IsBytes
            ? MemoryMarshal.AsBytes(parameter.Bytes.AsSpan())
            : MemoryMarshal.AsBytes(parameter.Floats.AsSpan());

    private static void RequireTensors(SafetensorsReader reader, StepParameter[] parameters, string path)
    {
        foreach (StepParameter parameter in parameters)
        {
            SafetensorsDtype dtype = parameter.IsBytes ? SafetensorsDtype.I8 : SafetensorsDtype.F32;
            SafetensorsTensor tensor =
                reader.Find(parameter.Key)
                ?? throw new ModelFileException(
                    $"{path}: has no tensor {Quoted.Name(parameter.Key)} {parameter.Shape}, which the model needs."
                );
            if (tensor.Dtype != dtype || !tensor.HasShape(parameter.Shape))
            {
                throw new ModelFileException(
                    $"{path}: tensor {tensor} does not match the model's {dtype} {parameter.Shape}."
                );
            }
        }
        HashSet<string> known = [.. parameters.Select(p => p.Key)];
        if (reader.Tensors.FirstOrDefault(t => !known.Contains(t.Name)) is { } other)
        {
            throw new ModelFileException($"{path}: tensor {other} is not part of the model.");
        }
    }

    private static void Read(SafetensorsReader reader, StepParameter parameter, string path)
    {
        if (parameter.Size > Array.MaxLength)
        {
            throw new ModelFileException($"{path}: tensor {Quoted.Name(parameter.Key)} is over 2 GB.");
        }
        var count = (int)parameter.Shape.ElementCount;
        if (parameter.IsBytes)
        {
            parameter.Bytes = new sbyte[count];
        }
        else
        {
            parameter.Floats = new float[count];
        }
        reader.ReadBytes(parameter.Key, 0, Raw(parameter));
        if (parameter.Fault() is { } fault)
        {
            throw new ModelFileException($"{path}: is damaged: tensor {Quoted.Name(parameter.Key)}: {fault}.");
        }
    }

    private static IntegerGraph Graph(Model model, QuantizationRecord record, string path)
    {
        try
        {
            return new IntegerGraph(model, record.FloatLayers.ToHashSet(StringComparer.Ordinal));
        }
        // A malicious architecture can make shapes too large.
        catch (Exception e) when (e is LaminaException or ArgumentException or OverflowException)
        {
            throw new ModelFileException($"{path}: model: {Quoted.Line(e.Message)}", e);
        }
    }

    private static QuantizationRecord Record(SafetensorsReader reader, string path)
    {
        string method = Required(reader, MethodKey, path);
        string samples = Required(reader, SamplesKey, path);
        if (
            !Enum.TryParse(method, out QuantizationMethod known)
            || !Enum.IsDefined(known)
            || known.ToString() != method
            || !int.TryParse(samples, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
        )
        {
            throw new ModelFileException(
                $"{path}: metadata: method {Quoted.Name(method)} or samples {Quoted.Name(samples)} is unknown."
            );
        }
        if (
            Json(reader, FloatLayersKey, path)["names"] is not JsonArray names
            || names.Any(n => n?.GetValueKind() != JsonValueKind.String)
        )
        {
            throw new ModelFileException($"{path}: metadata: {FloatLayersKey} is not a list of names.");
        }
        return new QuantizationRecord(
            known,
            count,
            [.. names.Select(n => n!.GetValue<string>())],
            Json(reader, MetadataKey, path)
        );
    }

    private static JsonObject Json(SafetensorsReader reader, string key, string path) =>
        StrictJson.Parse(Encoding.UTF8.GetBytes(Required(reader, key, path)), $"{path}: {key}");

    private static string Text(JsonObject json, string what) => Encoding.UTF8.GetString(StrictJson.Write(json, what));

    private static string Required(SafetensorsReader reader, string key, string path) =>
        reader.Metadata.GetValueOrDefault(key)
        ?? throw new ModelFileException($"{path}: its metadata has no {Quoted.Name(key)}.");
}
