using System.Text.Json;

namespace Lamina.Serving;

/// <summary>Parses the JSON object of an inference request. Unknown members are ignored, as the protocol wants.</summary>
internal sealed class RequestJson(ReadOnlyMemory<byte> json, RequestMemory memory)
{
    private readonly List<long?> _binarySizes = [];

    /// <summary>The size of each input's binary data; null where there is none.</summary>
    public IReadOnlyList<long?> BinarySizes => _binarySizes;

    /// <summary>Parses the object.</summary>
    public InferenceRequest Read()
    {
        var request = new InferenceRequest();
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        RequireStart(ref reader, JsonTokenType.StartObject, "the body");
        bool hasInputs = false;
        while (NextMember(ref reader) is { } name)
        {
            switch (name)
            {
                case "id":
                    request.Id = reader.GetString();
                    break;
                case "parameters":
                    ReadParameters(ref reader, (key, r) => SetParameter(request, key, r));
                    break;
                case "inputs":
                    hasInputs = true;
                    ReadArray(ref reader, "inputs", (ref Utf8JsonReader r) => request.Inputs.Add(ReadInput(ref r)));
                    break;
                case "outputs":
                    ReadArray(ref reader, "outputs", (ref Utf8JsonReader r) => request.Outputs.Add(ReadOutput(ref r)));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        // Anything but white space after the object is an error.
        reader.Read();
        return hasInputs ? request : throw ServingException.Invalid("the request has no 'inputs'.");
    }

    private delegate void ElementReader(ref Utf8JsonReader reader);

    private InputTensor ReadInput(ref Utf8JsonReader reader)
    {
        RequireStart(ref reader, JsonTokenType.StartObject, "an input");
        var input = new InputTensor();
        long? binarySize = null;
        (int Start, int Length)? later = null;
        while (NextMember(ref reader) is { } name)
        {
            switch (name)
            {
                case "name":
                    input.Name = reader.GetString() ?? "";
                    break;
                case "datatype":
                    input.DataType = reader.GetString() ?? "";
                    break;
                case "shape":
                    input.Shape = ReadShape(ref reader);
                    break;
                case "parameters":
                    ReadParameters(ref reader, (key, r) => binarySize = InputParameter(key, r) ?? binarySize);
                    break;
                case "data" when input.DataType.Length > 0 && input.Shape.Count > 0:
                    new TensorJson(input, memory).Read(ref reader);
                    break;
                case "data":
                    // How to read it is not known yet.
                    int start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    later = (start, (int)reader.BytesConsumed - start);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        if (later is { } range)
        {
            var data = new Utf8JsonReader(json.Span.Slice(range.Start, range.Length));
            data.Read();
            new TensorJson(input, memory).Read(ref data);
        }
        _binarySizes.Add(binarySize);
        return input;
    }

    private static RequestedOutput ReadOutput(ref Utf8JsonReader reader)
    {
        RequireStart(ref reader, JsonTokenType.StartObject, "an output");
        var output = new RequestedOutput();
        while (NextMember(ref reader) is { } name)
        {
            switch (name)
            {
                case "name":
                    output.Name = reader.GetString() ?? "";
                    break;
                case "parameters":
                    ReadParameters(ref reader, (key, r) => SetOutputParameter(output, key, r));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return output;
    }

    private static void SetParameter(InferenceRequest request, string key, ParameterValue value)
    {
        switch (key)
        {
            case "priority":
                request.Priority = value.AsUnsigned(key);
                break;
            case "timeout":
                request.TimeoutMicroseconds = value.AsUnsigned(key);
                break;
            case "binary_data_output":
                request.BinaryOutput = value.AsBoolean(key);
                break;
        }
    }

    private static long? InputParameter(string key, ParameterValue value)
    {
        RequestParameters.RequireNoSharedMemory(key);
        return key == "binary_data_size" ? (long)Math.Min(value.AsUnsigned(key), long.MaxValue) : null;
    }

    private static void SetOutputParameter(RequestedOutput output, string key, ParameterValue value)
    {
        RequestParameters.RequireNoSharedMemory(key);
        switch (key)
        {
            case "binary_data":
                output.Binary = value.AsBoolean(key);
                break;
            case "classification":
                output.Classification = (int)Math.Min(value.AsUnsigned(key), int.MaxValue);
                break;
        }
    }

    private static void ReadParameters(ref Utf8JsonReader reader, Action<string, ParameterValue> set)
    {
        RequireStart(ref reader, JsonTokenType.StartObject, "'parameters'");
        while (NextMember(ref reader) is { } key)
        {
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                throw ServingException.Invalid($"parameter '{key}' must be a string, a number or a boolean.");
            }
            set(key, ParameterValue.Of(ref reader));
        }
    }

    private static long[] ReadShape(ref Utf8JsonReader reader)
    {
        var shape = new List<long>();
        ReadArray(
            ref reader,
            "shape",
            (ref Utf8JsonReader r) =>
                shape.Add(
                    r.TryGetInt64(out long size) && size >= 0
                        ? size
                        : throw ServingException.Invalid("a dimension of a shape must be a whole number, at least 0.")
                )
        );
        return [.. shape];
    }

    private static void ReadArray(ref Utf8JsonReader reader, string what, ElementReader read)
    {
        RequireStart(ref reader, JsonTokenType.StartArray, $"'{what}'");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            read(ref reader);
        }
    }

    private static string? NextMember(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.PropertyName)
        {
            return null;
        }
        string name = reader.GetString()!;
        reader.Read();
        return name;
    }

    private static void RequireStart(ref Utf8JsonReader reader, JsonTokenType type, string what)
    {
        if (reader.TokenType != type)
        {
            throw ServingException.Invalid(
                $"{what} must be {(type == JsonTokenType.StartObject ? "an object" : "an array")}."
            );
        }
    }
}
