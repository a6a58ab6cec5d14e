namespace Lamina.Serving;

/// <summary>
/// Triton's raw binary request, told by a JSON length of 0: the body is the data of the only input, which is what
/// <c>curl --data-binary @cat.jpg</c> sends.
/// </summary>
internal static class RawRequest
{
    /// <summary>Reads a body as an encoded image if it is one, else as samples of the input.</summary>
    /// <exception cref="ServingException">The model has several inputs, or the body does not fit it.</exception>
    public static InferenceRequest Read(IInferenceModel model, ReadOnlyMemory<byte> body)
    {
        if (model.Inputs is not [TensorSpec spec])
        {
            throw ServingException.Invalid("a raw binary request needs a model with one input.");
        }
        var input = new InputTensor { Name = spec.Name };
        if (model.AcceptsImages && IsImage(body.Span))
        {
            (input.DataType, input.Shape, input.Elements) = (DataType.Bytes, [1, 1], [body]);
        }
        else
        {
            int sample = spec.SampleSize * sizeof(float);
            if (body.IsEmpty || body.Length % sample != 0)
            {
                throw ServingException.Invalid(
                    $"the body has {body.Length} bytes. It must be {(model.AcceptsImages ? "an image file, or " : "")}samples of {sample} bytes each."
                );
            }
            input.DataType = DataType.Fp32;
            input.Shape = [body.Length / sample, .. spec.Dimensions.Skip(1)];
            input.Raw = body;
        }
        var request = new InferenceRequest();
        request.Inputs.Add(input);
        return request;
    }

    private static bool IsImage(ReadOnlySpan<byte> body) => IsJpeg(body) || IsPng(body) || IsWebP(body);

    private static bool IsJpeg(ReadOnlySpan<byte> body) => body.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]);

    private static bool IsPng(ReadOnlySpan<byte> body) =>
        body.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']);

    private static bool IsWebP(ReadOnlySpan<byte> body) =>
        body.Length > 12 && body.StartsWith("RIFF"u8) && body[8..].StartsWith("WEBP"u8);
}
