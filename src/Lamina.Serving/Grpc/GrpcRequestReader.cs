using Google.Protobuf.Collections;
using Lamina.Serving.Grpc;

namespace Lamina.Serving;

/// <summary>Reads gRPC's inference requests.</summary>
internal static class GrpcRequestReader
{
    /// <summary>Reads a request; raw data is not copied.</summary>
    /// <exception cref="ServingException">The request is malformed.</exception>
    public static InferenceRequest Read(ModelInferRequest message, RequestMemory memory)
    {
        var request = new InferenceRequest
        {
            Id = message.Id.Length > 0 ? message.Id : null,
            Priority = Unsigned(message.Parameters, "priority"),
            TimeoutMicroseconds = Unsigned(message.Parameters, "timeout"),
            BinaryOutput = Boolean(message.Parameters, "binary_data_output") ?? true,
        };
        bool raw = message.RawTensors.Count > 0;
        if (raw && message.RawTensors.Count != message.Inputs.Count)
        {
            throw ServingException.Invalid(
                $"raw_input_contents has {message.RawTensors.Count} entries for {message.Inputs.Count} input(s)."
            );
        }
        for (int i = 0; i < message.Inputs.Count; i++)
        {
            ModelInferRequest.Types.InferInputTensor tensor = message.Inputs[i];
            foreach (string key in tensor.Parameters.Keys)
            {
                RequestParameters.RequireNoSharedMemory(key);
            }
            var input = new InputTensor
            {
                Name = tensor.Name,
                DataType = tensor.Datatype,
                Shape = tensor.Shape,
            };
            DataType.Require(input.Name, input.DataType);
            if (!raw)
            {
                ReadContents(input, tensor.Contents ?? new InferTensorContents(), memory);
            }
            else if (tensor.Contents is null)
            {
                input.Raw = message.RawTensors[i];
            }
            else
            {
                throw ServingException.Invalid(
                    $"input '{tensor.Name}' has contents, which the request's raw_input_contents exclude."
                );
            }
            request.Inputs.Add(input);
        }
        request.Outputs.AddRange(message.Outputs.Select(o => ReadOutput(o)));
        return request;
    }

    private static void ReadContents(InputTensor input, InferTensorContents contents, RequestMemory memory)
    {
        RequireOwnType(input, contents);
        switch (input.DataType)
        {
            case DataType.Bytes:
                input.Elements = [.. contents.BytesContents.Select(b => b.Memory)];
                break;
            case DataType.Fp64:
                float[] narrowed = memory.RentFloats(contents.Fp64Contents.Count);
                for (int i = 0; i < contents.Fp64Contents.Count; i++)
                {
                    narrowed[i] = (float)contents.Fp64Contents[i];
                }
                input.Floats = narrowed.AsMemory(0, contents.Fp64Contents.Count);
                break;
            default:
                float[] values = memory.RentFloats(contents.Fp32Contents.Count);
                contents.Fp32Contents.CopyTo(values, 0);
                input.Floats = values.AsMemory(0, contents.Fp32Contents.Count);
                break;
        }
    }

    /// <summary>Throws if there are contents of another type than the tensor's, which would be ignored.</summary>
    private static void RequireOwnType(InputTensor input, InferTensorContents contents)
    {
        int all =
            contents.BoolContents.Count
            + contents.IntContents.Count
            + contents.Int64Contents.Count
            + contents.UintContents.Count
            + contents.Uint64Contents.Count
            + contents.Fp32Contents.Count
            + contents.Fp64Contents.Count
            + contents.BytesContents.Count;
        int own = input.DataType switch
        {
            DataType.Bytes => contents.BytesContents.Count,
            DataType.Fp64 => contents.Fp64Contents.Count,
            DataType.Fp32 => contents.Fp32Contents.Count,
            // Refused later, for their type or for having no form as numbers.
            _ => all,
        };
        if (own != all)
        {
            throw ServingException.Invalid(
                $"input '{input.Name}' of data type {input.DataType} has contents of another type. Use the field of its own type."
            );
        }
    }

    private static RequestedOutput ReadOutput(ModelInferRequest.Types.InferRequestedOutputTensor output)
    {
        foreach (string key in output.Parameters.Keys)
        {
            RequestParameters.RequireNoSharedMemory(key);
        }
        return new RequestedOutput
        {
            Name = output.Name,
            Classification = (int)Math.Min(Unsigned(output.Parameters, "classification"), int.MaxValue),
            Binary = Boolean(output.Parameters, "binary_data"),
        };
    }

    private static ulong Unsigned(MapField<string, InferParameter> parameters, string key) =>
        parameters.TryGetValue(key, out InferParameter? value) ? ValueOf(value).AsUnsigned(key) : 0;

    private static bool? Boolean(MapField<string, InferParameter> parameters, string key) =>
        parameters.TryGetValue(key, out InferParameter? value) ? ValueOf(value).AsBoolean(key) : null;

    private static ParameterValue ValueOf(InferParameter parameter) =>
        parameter.ParameterChoiceCase switch
        {
            InferParameter.ParameterChoiceOneofCase.BoolParam => new(null, null, parameter.BoolParam),
            InferParameter.ParameterChoiceOneofCase.Int64Param when parameter.Int64Param >= 0 => new(
                null,
                (ulong)parameter.Int64Param,
                null
            ),
            InferParameter.ParameterChoiceOneofCase.Uint64Param => new(null, parameter.Uint64Param, null),
            InferParameter.ParameterChoiceOneofCase.StringParam => new(parameter.StringParam, null, null),
            _ => default,
        };
}
