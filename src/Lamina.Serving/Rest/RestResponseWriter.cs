using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Lamina.Serving;

/// <summary>Writes the response of an inference request: JSON, with binary data behind it if that was asked for.</summary>
internal static class RestResponseWriter
{
    /// <summary>Writes a response.</summary>
    /// <exception cref="ServingException">A value has no form in JSON.</exception>
    public static async Task WriteAsync(HttpResponse response, InferenceResult result)
    {
        var body = new ArrayBufferWriter<byte>(512 + result.Outputs.Sum(o => o.RawSize));
        WriteJson(body, result);
        int jsonLength = body.WrittenCount;
        bool binary = false;
        foreach (OutputTensor output in result.Outputs.Where(o => o.Binary))
        {
            binary = true;
            WriteRaw(body, output);
        }
        response.ContentType = binary ? RestHeaders.Binary : RestHeaders.Json;
        if (binary)
        {
            response.Headers[RestHeaders.JsonLength] = jsonLength.ToString(CultureInfo.InvariantCulture);
        }
        response.ContentLength = body.WrittenCount;
        await response.Body.WriteAsync(body.WrittenMemory).ConfigureAwait(false);
    }

    /// <summary>Writes an output as the protocol's raw data, little-endian.</summary>
    public static void WriteRaw(IBufferWriter<byte> target, OutputTensor output)
    {
        if (output.Strings is null)
        {
            WriteFloats(target, output.Values.Span);
            return;
        }
        foreach (byte[] text in output.Strings)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(target.GetSpan(sizeof(uint)), (uint)text.Length);
            target.Advance(sizeof(uint));
            target.Write(text);
        }
    }

    private static void WriteFloats(IBufferWriter<byte> target, ReadOnlySpan<float> values)
    {
        if (BitConverter.IsLittleEndian)
        {
            target.Write(MemoryMarshal.AsBytes(values));
            return;
        }
        foreach (float value in values)
        {
            BinaryPrimitives.WriteSingleLittleEndian(target.GetSpan(sizeof(float)), value);
            target.Advance(sizeof(float));
        }
    }

    private static void WriteJson(ArrayBufferWriter<byte> body, InferenceResult result)
    {
        using var json = new Utf8JsonWriter(body, JsonObjects.WriterOptions);
        json.WriteStartObject();
        json.WriteString("model_name", result.ModelName);
        json.WriteString("model_version", result.ModelVersion);
        if (result.Id is not null)
        {
            json.WriteString("id", result.Id);
        }
        json.WriteStartArray("outputs");
        foreach (OutputTensor output in result.Outputs)
        {
            json.WriteStartObject();
            json.WriteString("name", output.Name);
            json.WriteString("datatype", output.DataType);
            JsonObjects.WriteNumbers(json, "shape", output.Shape);
            if (output.Binary)
            {
                json.WriteStartObject("parameters");
                json.WriteNumber("binary_data_size", output.RawSize);
                json.WriteEndObject();
            }
            else
            {
                WriteData(json, output);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteData(Utf8JsonWriter json, OutputTensor output)
    {
        json.WriteStartArray("data");
        foreach (byte[] text in output.Strings ?? [])
        {
            json.WriteStringValue(Encoding.UTF8.GetString(text));
        }
        foreach (float value in output.Values.Span)
        {
            if (!float.IsFinite(value))
            {
                throw ServingException.Invalid(
                    $"output '{output.Name}' has the value {value.ToString(CultureInfo.InvariantCulture)}, which JSON cannot hold. Ask for binary data."
                );
            }
            json.WriteNumberValue(value);
        }
        json.WriteEndArray();
    }
}
