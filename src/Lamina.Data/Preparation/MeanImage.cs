using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lamina;

/// <summary>
/// The per-pixel mean of a training set's images, after <see cref="Preprocessing.Scale"/>. cuda-convnet and Caffe
/// subtract it.
/// </summary>
[JsonConverter(typeof(MeanImageConverter))]
public sealed class MeanImage : IEquatable<MeanImage>
{
    private readonly float[] _values;

    /// <summary>Creates a mean image and copies the values.</summary>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="channels">1 or 3.</param>
    /// <param name="values">(height, width, channels) finite values, row-major.</param>
    /// <exception cref="ConfigException">The size is out of range, or the number of values is wrong, or a value is not finite.</exception>
    public MeanImage(int height, int width, int channels, ReadOnlySpan<float> values)
    {
        if (height is < 1 or > 16384 || width is < 1 or > 16384 || channels is not (1 or 3))
        {
            throw new ConfigException(
                $"MeanImage: invalid size {height}×{width}×{channels}; height and width must be 1 to 16384, channels 1 or 3."
            );
        }
        if (values.Length != (long)height * width * channels)
        {
            throw new ConfigException(
                $"MeanImage: has {values.Length} values, not the {(long)height * width * channels} of {height}×{width}×{channels}."
            );
        }
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
            {
                throw new ConfigException("MeanImage: a value is not finite.");
            }
        }
        (Height, Width, Channels, _values) = (height, width, channels, values.ToArray());
    }

    /// <summary>The number of rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>The number of channels: 1 or 3.</summary>
    public int Channels { get; }

    /// <summary>The (height, width, channels) values, row-major.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <inheritdoc/>
    public bool Equals(MeanImage? other) =>
        other is not null
        && (Height, Width, Channels) == (other.Height, other.Width, other.Channels)
        && _values.AsSpan().SequenceEqual(other._values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MeanImage);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Height, Width, Channels, _values[0], _values[^1]);

    /// <inheritdoc/>
    public override string ToString() => $"{Height}×{Width}×{Channels}";
}

/// <summary>JSON converter for mean images: the shape, and the values as base64 of little-endian float32.</summary>
internal sealed class MeanImageConverter : JsonConverter<MeanImage>
{
    private const string Form =
        "MeanImage must be { \"shape\": [height, width, channels], \"data\": base64 of float32 }";

    public override MeanImage Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return Read(document.RootElement);
    }

    /// <summary>Reads a mean image.</summary>
    /// <exception cref="JsonException">The JSON has another form.</exception>
    public static MeanImage Read(JsonElement json)
    {
        if (
            json.ValueKind != JsonValueKind.Object
            || json.EnumerateObject().Any(p => p.Name is not ("shape" or "data"))
            || !json.TryGetProperty("shape", out JsonElement shape)
            || !json.TryGetProperty("data", out JsonElement data)
            || shape.ValueKind != JsonValueKind.Array
            || shape.GetArrayLength() != 3
            || shape.EnumerateArray().Any(d => d.ValueKind != JsonValueKind.Number || !d.TryGetInt32(out _))
            || data.ValueKind != JsonValueKind.String
        )
        {
            throw new JsonException($"{Form}.");
        }
        if (!data.TryGetBytesFromBase64(out byte[]? bytes) || bytes.Length % sizeof(float) != 0)
        {
            throw new JsonException($"MeanImage: the data is damaged; {Form}.");
        }
        var values = new float[bytes.Length / sizeof(float)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        }
        return new MeanImage(shape[0].GetInt32(), shape[1].GetInt32(), shape[2].GetInt32(), values);
    }

    public override void Write(Utf8JsonWriter writer, MeanImage value, JsonSerializerOptions options) =>
        Write(writer, value);

    /// <summary>Writes a mean image.</summary>
    public static void Write(Utf8JsonWriter writer, MeanImage value)
    {
        var bytes = new byte[value.Values.Length * sizeof(float)];
        for (int i = 0; i < value.Values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), value.Values[i]);
        }
        writer.WriteStartObject();
        writer.WriteStartArray("shape");
        writer.WriteNumberValue(value.Height);
        writer.WriteNumberValue(value.Width);
        writer.WriteNumberValue(value.Channels);
        writer.WriteEndArray();
        writer.WriteBase64String("data", bytes);
        writer.WriteEndObject();
    }
}
