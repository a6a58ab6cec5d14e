using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using Lamina.Serving.Grpc;

namespace Lamina.Bench.Serving;

/// <summary>The requests of one image as a binary tensor, whose answer is binary too.</summary>
internal static class LoadRequests
{
    /// <summary>Returns the whole HTTP request.</summary>
    /// <param name="address">The server.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="size">The height and width of the image.</param>
    /// <param name="timeout">The request's timeout in microseconds; 0 for none.</param>
    public static byte[] Rest(Uri address, string model, int size, long timeout)
    {
        (byte[] body, int jsonLength) = Body(size, timeout);
        string head =
            $"POST /v2/models/{model}/infer HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/octet-stream\r\n"
            + $"Inference-Header-Content-Length: {jsonLength}\r\nContent-Length: {body.Length}\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    /// <summary>Returns the body of the HTTP request, and the length of the JSON object at its start.</summary>
    public static (byte[] Body, int JsonLength) Body(int size, long timeout)
    {
        byte[] data = Image(size);
        string parameters = timeout > 0 ? $"\"timeout\":{timeout}," : "";
        byte[] json = Encoding.UTF8.GetBytes(
            $$"""{"parameters":{ {{parameters}} "binary_data_output":true},"inputs":[{"name":"{{BenchModels.Input}}","shape":[1,{{size}},{{size}},3],"datatype":"FP32","parameters":{"binary_data_size":{{data.Length}} } }]}"""
        );
        return ([.. json, .. data], json.Length);
    }

    /// <summary>Returns gRPC's message.</summary>
    public static ModelInferRequest Grpc(string model, int size, long timeout)
    {
        var request = new ModelInferRequest
        {
            ModelName = model,
            Inputs =
            {
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = BenchModels.Input,
                    Datatype = "FP32",
                    Shape = { 1, size, size, 3 },
                },
            },
            RawInputContents = { UnsafeByteOperations.UnsafeWrap(Image(size)) },
        };
        if (timeout > 0)
        {
            request.Parameters["timeout"] = new InferParameter { Int64Param = timeout };
        }
        return request;
    }

    private static byte[] Image(int size) =>
        MemoryMarshal.AsBytes([.. Enumerable.Range(0, size * size * 3).Select(i => MathF.Sin(i))]).ToArray();
}
