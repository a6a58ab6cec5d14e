namespace Lamina.Serving;

/// <summary>Checks the inputs of requests against a model, and turns encoded images into tensors.</summary>
internal sealed class RequestPreparer(ServingOptions options) : IDisposable
{
    // Decoding takes a core for some milliseconds and memory by the image's size.
    private readonly SemaphoreSlim _decoders = new(options.ImageDecoders, options.ImageDecoders);

    /// <summary>Returns the inputs in the model's order, and the number of samples.</summary>
    /// <exception cref="ServingException">The inputs do not fit the model, or an image cannot be read.</exception>
    public async Task<(PreparedInput[] Inputs, int Rows)> PrepareAsync(
        ServedVersion version,
        InferenceRequest request,
        RequestMemory memory,
        CancellationToken cancellation
    )
    {
        IReadOnlyList<TensorSpec> specs = version.Model.Inputs;
        InputTensor[] tensors = Match(version, request);
        int rows = RowsOf(version, tensors[0]);
        var prepared = new PreparedInput[specs.Count];
        for (int i = 0; i < prepared.Length; i++)
        {
            InputTensor tensor = tensors[i];
            if (RowsOf(version, tensor) != rows)
            {
                throw ServingException.Invalid("the inputs have different numbers of samples (the first dimension).");
            }
            prepared[i] =
                tensor.DataType == DataType.Bytes
                    ? await DecodeAsync(version.Model, i, tensor, memory, cancellation).ConfigureAwait(false)
                    : Tensor(specs[i], tensor, rows);
        }
        return (prepared, rows);
    }

    public void Dispose() => _decoders.Dispose();

    private static InputTensor[] Match(ServedVersion version, InferenceRequest request)
    {
        IReadOnlyList<TensorSpec> specs = version.Model.Inputs;
        if (request.Inputs.Count != specs.Count)
        {
            throw ServingException.Invalid(
                $"model '{version.ModelName}' expects {specs.Count} input(s), got {request.Inputs.Count}."
            );
        }
        var tensors = new InputTensor[specs.Count];
        foreach (InputTensor tensor in request.Inputs)
        {
            int index = specs.Count - 1;
            for (; index >= 0 && specs[index].Name != tensor.Name; index--) { }
            if (index < 0)
            {
                throw ServingException.Invalid(
                    $"model '{version.ModelName}' has no input '{tensor.Name}'. Its inputs: {string.Join(", ", specs.Select(s => s.Name))}."
                );
            }
            if (tensors[index] is not null)
            {
                throw ServingException.Invalid($"input '{tensor.Name}' is given twice.");
            }
            DataType.Require(tensor.Name, tensor.DataType);
            tensors[index] = tensor;
        }
        return tensors;
    }

    private static int RowsOf(ServedVersion version, InputTensor tensor)
    {
        if (tensor.Shape.Count == 0 || tensor.Shape[0] < 1)
        {
            throw ServingException.Invalid(
                $"input '{tensor.Name}': the first dimension is the number of samples, at least 1."
            );
        }
        if (tensor.Shape[0] > version.Options.MaxBatch)
        {
            throw ServingException.Invalid(
                $"input '{tensor.Name}' has {tensor.Shape[0]} samples, but model '{version.ModelName}' accepts at most {version.Options.MaxBatch} per request."
            );
        }
        return (int)tensor.Shape[0];
    }

    private static PreparedInput Tensor(TensorSpec spec, InputTensor tensor, int rows)
    {
        DataType.RequireFloat(tensor.Name, tensor.DataType);
        if (!tensor.Shape.Skip(1).SequenceEqual(spec.Sample.ToArray().Select(d => (long)d)))
        {
            throw ServingException.Invalid(
                $"input '{tensor.Name}' has shape [{string.Join(",", tensor.Shape)}], but the model expects [{string.Join(",", spec.Dimensions)}]."
            );
        }
        int count = rows * spec.SampleSize;
        if (tensor.Raw is { } raw)
        {
            int expected = count * DataType.SizeOf(tensor.DataType);
            return raw.Length == expected
                ? new PreparedInput(tensor.DataType, raw, default)
                : throw ServingException.Invalid(
                    $"input '{tensor.Name}' has {raw.Length} bytes of data, but its shape and data type need {expected}."
                );
        }
        if (tensor.DataType is DataType.Fp16 or DataType.Bf16)
        {
            throw ServingException.Invalid(
                $"input '{tensor.Name}': {tensor.DataType} has no form as numbers. Send it as binary (raw) data."
            );
        }
        int got = tensor.Floats?.Length ?? 0;
        return got == count
            ? new PreparedInput(DataType.Fp32, default, tensor.Floats!.Value)
            : throw ServingException.Invalid($"input '{tensor.Name}' has {got} values, but its shape needs {count}.");
    }

    private async Task<PreparedInput> DecodeAsync(
        IInferenceModel model,
        int input,
        InputTensor tensor,
        RequestMemory memory,
        CancellationToken cancellation
    )
    {
        if (input != 0 || !model.AcceptsImages)
        {
            throw ServingException.Invalid(
                $"input '{tensor.Name}' does not accept encoded images (data type {DataType.Bytes}). Send {DataType.Fp32}."
            );
        }
        IReadOnlyList<ReadOnlyMemory<byte>> images =
            tensor.Elements ?? BytesElements.Split(tensor.Name, tensor.Raw ?? default, (int)tensor.Shape[0]);
        // One image per sample: [n] or [n,1].
        if (tensor.Shape.Skip(1).Any(d => d != 1) || images.Count != tensor.Shape[0])
        {
            throw ServingException.Invalid(
                $"input '{tensor.Name}' has {images.Count} images and shape [{string.Join(",", tensor.Shape)}]. Use the shape [{images.Count},1]."
            );
        }
        int size = model.Inputs[0].SampleSize;
        float[] values = memory.RentFloats(checked(images.Count * size));
        await _decoders.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            for (int i = 0; i < images.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                Decode(model, tensor.Name, images[i].Span, i).CopyTo(values.AsSpan(i * size, size));
            }
        }
        finally
        {
            _decoders.Release();
        }
        return new PreparedInput(DataType.Fp32, default, values.AsMemory(0, images.Count * size));
    }

    private Span<float> Decode(IInferenceModel model, string input, ReadOnlySpan<byte> image, int index)
    {
        try
        {
            return model.DecodeImage(image, $"input '{input}', image {index}", options.MaxImagePixels).Values;
        }
        catch (DataException e)
        {
            throw ServingException.Invalid(e.Message, e);
        }
    }
}
