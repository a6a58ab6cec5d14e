using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Lamina;

/// <summary>
/// Reads and writes <see cref="Preprocessing"/> as JSON. By hand: a serializer's metadata would be compiled at run time,
/// some 400 methods, which is a quarter of what starting to predict takes.
/// </summary>
internal static class PreprocessingJson
{
    private static readonly string[] s_keys =
    [
        "height",
        "width",
        "channels",
        "channelOrder",
        "resize",
        "shortSide",
        "interpolation",
        "scale",
        "mean",
        "std",
        "meanImage",
    ];

    private static readonly string[] s_orders = [nameof(ChannelOrder.Rgb), nameof(ChannelOrder.Bgr)];
    private static readonly string[] s_modes =
    [
        nameof(ResizeMode.CenterCrop),
        nameof(ResizeMode.Stretch),
        nameof(ResizeMode.StretchCrop),
    ];

    private static readonly string[] s_interpolations =
    [
        nameof(Interpolation.Bilinear),
        nameof(Interpolation.BilinearPoint),
        nameof(Interpolation.Nearest),
        nameof(Interpolation.Bicubic),
        nameof(Interpolation.Lanczos),
        nameof(Interpolation.Box),
    ];

    /// <summary>Returns the preprocessing as indented JSON.</summary>
    public static string Write(Preprocessing value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("height", value.Height);
            json.WriteNumber("width", value.Width);
            json.WriteNumber("channels", value.Channels);
            if (value.ChannelOrder != default)
            {
                WriteName(json, "channelOrder", (int)value.ChannelOrder, s_orders);
            }
            WriteName(json, "resize", (int)value.Resize, s_modes);
            if (value.ShortSide is { } side)
            {
                json.WriteNumber("shortSide", side);
            }
            else
            {
                json.WriteNull("shortSide");
            }
            if (value.Interpolation != default)
            {
                WriteName(json, "interpolation", (int)value.Interpolation, s_interpolations);
            }
            json.WriteNumber("scale", value.Scale);
            WriteReals(json, "mean", value.Mean);
            WriteReals(json, "std", value.Std);
            if (value.MeanImage is { } image)
            {
                json.WritePropertyName("meanImage");
                MeanImageConverter.Write(json, image);
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads the output of <see cref="Write"/>; missing values have their defaults.</summary>
    /// <exception cref="ConfigException">The JSON is invalid, or a value has the wrong type.</exception>
    public static Preprocessing Read(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new ConfigException("Preprocessing: the JSON is not an object.");
            }
            var result = new Preprocessing();
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                result = With(result, property.Name, property.Value);
            }
            return result;
        }
        catch (JsonException e)
        {
            string reason =
                e.Message.StartsWith(nameof(MeanImage), StringComparison.Ordinal) ? e.Message
                : e.LineNumber is { } line
                    ? $"the JSON is not valid (line {line + 1}, byte {e.BytePositionInLine + 1})."
                : "the JSON is not valid, or contains a key twice.";
            throw new ConfigException($"Preprocessing: {reason}");
        }
        catch (InvalidOperationException)
        {
            throw new ConfigException("Preprocessing: the JSON contains an invalid escape in a string.");
        }
    }

    private static Preprocessing With(Preprocessing before, string key, JsonElement value) =>
        key switch
        {
            "height" => before with { Height = Whole(key, value) },
            "width" => before with { Width = Whole(key, value) },
            "channels" => before with { Channels = Whole(key, value) },
            "channelOrder" => before with { ChannelOrder = (ChannelOrder)Choice(key, value, s_orders) },
            "resize" => before with { Resize = (ResizeMode)Choice(key, value, s_modes) },
            "shortSide" => before with { ShortSide = IsNull(value) ? null : Whole(key, value) },
            "interpolation" => before with { Interpolation = (Interpolation)Choice(key, value, s_interpolations) },
            "scale" => before with { Scale = Real(key, value) },
            "mean" => before with { Mean = Reals(key, value) },
            "std" => before with { Std = Reals(key, value) },
            "meanImage" => before with { MeanImage = IsNull(value) ? null : MeanImageConverter.Read(value) },
            _ => throw new ConfigException(
                $"Preprocessing: unknown key '{key}'. Known are {string.Join(", ", s_keys)}."
            ),
        };

    private static bool IsNull(JsonElement value) => value.ValueKind == JsonValueKind.Null;

    private static int Whole(string key, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : throw Wrong(key);

    private static double Real(string key, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) ? number : throw Wrong(key);

    private static double[] Reals(string key, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Wrong(key);
        }
        var numbers = new double[value.GetArrayLength()];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = Real($"{key}[{i}]", value[i]);
        }
        return numbers;
    }

    // A name in any case, or the number of the value.
    private static int Choice(string key, JsonElement value, string[] names)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            return Whole(key, value);
        }
        if (value.ValueKind != JsonValueKind.String)
        {
            throw Wrong(key);
        }
        string text = value.GetString()!;
        for (int i = 0; i < names.Length; i++)
        {
            if (names[i].Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }
        throw Wrong(key);
    }

    private static ConfigException Wrong(string key) => new($"Preprocessing: the value of {key} has the wrong type.");

    private static void WriteName(Utf8JsonWriter json, string key, int value, string[] names)
    {
        if (value >= 0 && value < names.Length)
        {
            json.WriteString(key, names[value]);
        }
        else
        {
            json.WriteNumber(key, value);
        }
    }

    private static void WriteReals(Utf8JsonWriter json, string key, IReadOnlyList<double> values)
    {
        json.WriteStartArray(key);
        for (int i = 0; i < values.Count; i++)
        {
            json.WriteNumberValue(values[i]);
        }
        json.WriteEndArray();
    }
}
