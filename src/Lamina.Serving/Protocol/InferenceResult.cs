namespace Lamina.Serving;

/// <summary>The outputs of a request, whichever protocol asked.</summary>
internal sealed record InferenceResult(
    string ModelName,
    string ModelVersion,
    string? Id,
    IReadOnlyList<OutputTensor> Outputs
)
{
    /// <summary>The time that the parts of the request took.</summary>
    public RequestTimes Times { get; init; }
}

/// <summary>The time that the parts of a request took.</summary>
/// <param name="Prepare">Checking the request and decoding images.</param>
/// <param name="Queue">Waiting for the model.</param>
/// <param name="Compute">The batch that contained the request.</param>
internal readonly record struct RequestTimes(TimeSpan Prepare, TimeSpan Queue, TimeSpan Compute);

/// <summary>An output: float32 values, or the strings of a classification.</summary>
internal sealed record OutputTensor(string Name, IReadOnlyList<long> Shape, bool Binary)
{
    /// <summary>The values, unless the output is a classification.</summary>
    public ReadOnlyMemory<float> Values { get; init; }

    /// <summary>The strings of a classification, as UTF-8; null if there is none.</summary>
    public IReadOnlyList<byte[]>? Strings { get; init; }

    public string DataType => Strings is null ? Serving.DataType.Fp32 : Serving.DataType.Bytes;

    /// <summary>The size as raw data in bytes.</summary>
    public int RawSize => Strings?.Sum(s => sizeof(uint) + s.Length) ?? Values.Length * sizeof(float);
}
