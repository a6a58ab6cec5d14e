using System.Text.Json;

namespace Lamina.Serving;

/// <summary>Reads the data of a tensor from JSON: nested in its shape, or flat.</summary>
internal sealed class TensorJson(InputTensor tensor, RequestMemory memory)
{
    /// <summary>Reads the array at which the reader is.</summary>
    /// <exception cref="ServingException">An element is of the wrong type, or there are too many.</exception>
    public void Read(ref Utf8JsonReader reader)
    {
        DataType.Require(tensor.Name, tensor.DataType);
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw ServingException.Invalid($"input '{tensor.Name}': 'data' must be an array.");
        }
        if (tensor.DataType == DataType.Bytes)
        {
            tensor.Elements = ReadBytes(ref reader);
        }
        else
        {
            DataType.RequireFloat(tensor.Name, tensor.DataType);
            tensor.Floats = ReadNumbers(ref reader);
        }
    }

    private ReadOnlyMemory<float> ReadNumbers(ref Utf8JsonReader reader)
    {
        float[] values = memory.RentFloats(1024);
        int count = 0;
        for (int depth = 1; depth > 0; )
        {
            reader.Read();
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray:
                    depth++;
                    break;
                case JsonTokenType.EndArray:
                    depth--;
                    break;
                case JsonTokenType.Number when reader.TryGetSingle(out float value) && float.IsFinite(value):
                    if (count == values.Length)
                    {
                        float[] larger = memory.RentFloats(values.Length * 2);
                        values.CopyTo(larger, 0);
                        values = larger;
                    }
                    values[count++] = value;
                    break;
                default:
                    throw ServingException.Invalid(
                        $"input '{tensor.Name}': element {count} of 'data' is not a finite {tensor.DataType} number."
                    );
            }
        }
        return values.AsMemory(0, count);
    }

    private List<ReadOnlyMemory<byte>> ReadBytes(ref Utf8JsonReader reader)
    {
        var elements = new List<ReadOnlyMemory<byte>>();
        for (int depth = 1; depth > 0; )
        {
            reader.Read();
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray:
                    depth++;
                    break;
                case JsonTokenType.EndArray:
                    depth--;
                    break;
                case JsonTokenType.String when reader.TryGetBytesFromBase64(out byte[]? bytes):
                    elements.Add(bytes);
                    break;
                default:
                    throw ServingException.Invalid(
                        $"input '{tensor.Name}': element {elements.Count} of 'data' is not a string in Base64, the form of {DataType.Bytes} in JSON."
                    );
            }
        }
        return elements;
    }
}
