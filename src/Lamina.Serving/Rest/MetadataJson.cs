using System.Text.Json;

namespace Lamina.Serving;

/// <summary>The JSON objects of the server's and the models' metadata.</summary>
internal static class MetadataJson
{
    public static void WriteServer(Utf8JsonWriter json, ServerMetadata server)
    {
        json.WriteStartObject();
        json.WriteString("name", server.Name);
        json.WriteString("version", server.Version);
        json.WriteStartArray("extensions");
        foreach (string extension in server.Extensions)
        {
            json.WriteStringValue(extension);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteModel(Utf8JsonWriter json, ServedVersion version, IEnumerable<string> versions)
    {
        json.WriteStartObject();
        json.WriteString("name", version.ModelName);
        json.WriteStartArray("versions");
        foreach (string number in versions)
        {
            json.WriteStringValue(number);
        }
        json.WriteEndArray();
        json.WriteString("platform", version.Model.Platform);
        WriteTensors(json, "inputs", version.Model.Inputs);
        WriteTensors(json, "outputs", version.Model.Outputs);
        json.WriteEndObject();
    }

    private static void WriteTensors(Utf8JsonWriter json, string name, IReadOnlyList<TensorSpec> tensors)
    {
        json.WriteStartArray(name);
        foreach (TensorSpec tensor in tensors)
        {
            json.WriteStartObject();
            json.WriteString("name", tensor.Name);
            json.WriteString("datatype", DataType.Fp32);
            JsonObjects.WriteNumbers(json, "shape", tensor.Dimensions);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
