using System.Buffers;
using Google.Protobuf;
using Lamina.Serving.Grpc;

namespace Lamina.Serving;

/// <summary>Writes gRPC's inference responses.</summary>
internal static class GrpcResponseWriter
{
    /// <summary>Returns the response: raw data, as Triton does, unless the request wants typed contents.</summary>
    public static ModelInferResponse Write(InferenceResult result)
    {
        var response = new ModelInferResponse
        {
            ModelName = result.ModelName,
            ModelVersion = result.ModelVersion,
            Id = result.Id ?? "",
        };
        // Raw contents and typed ones exclude each other.
        bool raw = result.Outputs.Any(o => o.Binary);
        foreach (OutputTensor output in result.Outputs)
        {
            var tensor = new ModelInferResponse.Types.InferOutputTensor
            {
                Name = output.Name,
                Datatype = output.DataType,
                Shape = { output.Shape },
            };
            if (raw)
            {
                response.RawOutputContents.Add(Raw(output));
            }
            else
            {
                tensor.Contents = Contents(output);
            }
            response.Outputs.Add(tensor);
        }
        return response;
    }

    private static ByteString Raw(OutputTensor output)
    {
        var buffer = new ArrayBufferWriter<byte>(Math.Max(output.RawSize, 1));
        RestResponseWriter.WriteRaw(buffer, output);
        return UnsafeByteOperations.UnsafeWrap(buffer.WrittenMemory);
    }

    private static InferTensorContents Contents(OutputTensor output)
    {
        var contents = new InferTensorContents();
        if (output.Strings is null)
        {
            contents.Fp32Contents.AddRange(output.Values.ToArray());
        }
        else
        {
            contents.BytesContents.AddRange(output.Strings.Select(s => ByteString.CopyFrom(s)));
        }
        return contents;
    }
}
