namespace Lamina.Serving.Grpc;

/// <summary>A request that <see cref="InferRequestParser"/> has read.</summary>
internal sealed partial class ModelInferRequest
{
    /// <summary>The memory of <see cref="RawTensors"/>; the reader of the request releases it.</summary>
    public RequestMemory? Memory { get; set; }

    /// <summary>The tensors of <c>raw_input_contents</c>.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> RawTensors { get; set; } = [];
}
