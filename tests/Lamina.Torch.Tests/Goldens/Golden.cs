using System.Text.Json;

namespace Lamina.Torch.Tests.Goldens;

/// <summary>A golden file, or a part of one; README.md documents the fields.</summary>
internal sealed class Golden
{
    private readonly JsonElement _element;

    private Golden(JsonElement element) => _element = element;

    /// <summary>Reads a file of this folder, which travels beside the tests.</summary>
    public static Golden Load(string name)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Goldens", name);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return new Golden(document.RootElement.Clone());
    }

    /// <summary>A part by its name.</summary>
    public Golden this[string name] => new(_element.GetProperty(name));

    /// <summary>The parts by name, in the file's order.</summary>
    public IEnumerable<(string Name, Golden Part)> Parts =>
        _element.EnumerateObject().Select(p => (p.Name, new Golden(p.Value)));

    /// <summary>The parts of a list.</summary>
    public IEnumerable<Golden> Items => _element.EnumerateArray().Select(e => new Golden(e));

    /// <summary>Whether there is a part of this name.</summary>
    public bool Has(string name) => _element.TryGetProperty(name, out _);

    /// <summary>A number.</summary>
    public double Number => _element.GetDouble();

    /// <summary>A yes or no.</summary>
    public bool Flag => _element.GetBoolean();

    /// <summary>A text.</summary>
    public string Text => _element.GetString()!;

    /// <summary>A list of whole numbers.</summary>
    public int[] Integers => [.. _element.EnumerateArray().Select(e => e.GetInt32())];

    /// <summary>A list of numbers.</summary>
    public double[] Numbers => [.. _element.EnumerateArray().Select(e => e.GetDouble())];

    /// <summary>A tensor.</summary>
    public NDArray Tensor =>
        new(
            Shape.Of(this["shape"].Integers),
            _element.GetProperty("values").EnumerateArray().Select(e => e.GetSingle()).ToArray()
        );

    /// <summary>Images that are stored as bytes, as byte / 128 − 1.</summary>
    public NDArray Pixels =>
        new(
            Shape.Of(this["shape"].Integers),
            _element.GetProperty("base64").GetBytesFromBase64().Select(b => (b / 128f) - 1).ToArray()
        );
}
