using System.Collections;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Lamina.Serving;

/// <summary>
/// Writes gRPC's messages as the REST form of the protocol has them: the fields' own names, every number as a number.
/// Protobuf's JSON has other names and writes 64-bit numbers as strings.
/// </summary>
internal static class MessageJson
{
    public static void Write(Utf8JsonWriter json, IMessage message)
    {
        json.WriteStartObject();
        foreach (FieldDescriptor field in message.Descriptor.Fields.InDeclarationOrder())
        {
            object? value = field.Accessor.GetValue(message);
            if (value is not null)
            {
                json.WritePropertyName(field.Name);
                WriteValue(json, field, value);
            }
        }
        json.WriteEndObject();
    }

    public static void WriteArray(Utf8JsonWriter json, IEnumerable<IMessage> messages)
    {
        json.WriteStartArray();
        foreach (IMessage message in messages)
        {
            Write(json, message);
        }
        json.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter json, FieldDescriptor field, object value)
    {
        switch (value)
        {
            case string text:
                json.WriteStringValue(text);
                break;
            case IMessage message:
                Write(json, message);
                break;
            case IList list:
                json.WriteStartArray();
                foreach (object item in list)
                {
                    WriteValue(json, field, item);
                }
                json.WriteEndArray();
                break;
            case Enum:
                int number = Convert.ToInt32(value, CultureInfo.InvariantCulture);
                json.WriteStringValue(field.EnumType.FindValueByNumber(number).Name);
                break;
            default:
                json.WriteRawValue(Convert.ToString(value, CultureInfo.InvariantCulture)!);
                break;
        }
    }
}
