using System.Text.Json;

namespace Lamina.Serving;

/// <summary>Reads the body of an inference request: JSON, with binary data behind it if a header says so.</summary>
internal static class RestRequestReader
{
    /// <summary>Reads a request.</summary>
    /// <param name="body">The body.</param>
    /// <param name="jsonLength">The length of the JSON object; null if it is all of the body.</param>
    /// <param name="memory">Holds the numbers of tensors.</param>
    /// <exception cref="ServingException">The body is malformed.</exception>
    public static InferenceRequest Read(ReadOnlyMemory<byte> body, int? jsonLength, RequestMemory memory)
    {
        if (jsonLength > body.Length)
        {
            throw ServingException.Invalid(
                $"{RestHeaders.JsonLength} is {jsonLength}, but the body has {body.Length} bytes."
            );
        }
        ReadOnlyMemory<byte> json = body[..(jsonLength ?? body.Length)];
        try
        {
            var parser = new RequestJson(json, memory);
            InferenceRequest request = parser.Read();
            Attach(request, parser.BinarySizes, body[json.Length..]);
            return request;
        }
        catch (JsonException e)
        {
            throw ServingException.Invalid($"the body is not valid JSON: {e.Message}", e);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw ServingException.Invalid("the body's JSON has a value of the wrong type.", e);
        }
    }

    private static void Attach(InferenceRequest request, IReadOnlyList<long?> sizes, ReadOnlyMemory<byte> binary)
    {
        for (int i = 0; i < sizes.Count; i++)
        {
            InputTensor input = request.Inputs[i];
            bool hasData = input.Floats is not null || input.Elements is not null;
            if (sizes[i] is not { } size)
            {
                if (!hasData)
                {
                    throw ServingException.Invalid($"input '{input.Name}' has neither data nor a binary_data_size.");
                }
                continue;
            }
            if (hasData)
            {
                throw ServingException.Invalid($"input '{input.Name}' has both data and a binary_data_size.");
            }
            if (size < 0 || size > binary.Length)
            {
                throw ServingException.Invalid(
                    $"input '{input.Name}' has a binary_data_size of {size}, but {binary.Length} bytes are left after the JSON object."
                );
            }
            input.Raw = binary[..(int)size];
            binary = binary[(int)size..];
        }
        if (!binary.IsEmpty)
        {
            throw ServingException.Invalid($"{binary.Length} bytes are left after the binary data of all inputs.");
        }
    }
}
