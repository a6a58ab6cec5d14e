using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// The content of model.json: the format's version, the producer, and the length and checksum of every other file. It
/// is written last, so the files it names are intact.
/// </summary>
internal sealed record Manifest(string CreatedBy, IReadOnlyDictionary<string, Checksum> Files)
{
    /// <summary>The maximum length of a manifest, in bytes.</summary>
    public const int MaxLength = 1 << 20;

    private const string Format = "lamina-model";
    private const int Version = 1;

    /// <summary>Creates a manifest by this version of Lamina.</summary>
    public static Manifest Of(IReadOnlyDictionary<string, Checksum> files) =>
        new($"Lamina {typeof(Manifest).Assembly.GetName().Version?.ToString(3)}", files);

    /// <summary>Returns the manifest as JSON.</summary>
    public byte[] ToBytes()
    {
        var files = new JsonObject();
        foreach ((string name, Checksum checksum) in Files)
        {
            files[name] = new JsonObject { ["length"] = checksum.Length, ["sha256"] = checksum.Sha256 };
        }
        var json = new JsonObject
        {
            ["format"] = Format,
            ["format_version"] = Version,
            ["created_by"] = CreatedBy,
            ["files"] = files,
        };
        return StrictJson.Write(json, ModelPart.Manifest);
    }

    /// <summary>Reads a manifest.</summary>
    /// <param name="json">Its bytes.</param>
    /// <param name="file">Its name in errors.</param>
    /// <exception cref="ModelFileException">The manifest is malformed, or has a newer format.</exception>
    public static Manifest Parse(ReadOnlySpan<byte> json, string file)
    {
        JsonObject root = StrictJson.Parse(json, file);
        if (Text(root, "format") != Format)
        {
            throw new ModelFileException($"{file}: is not a Lamina model: format is not \"{Format}\".");
        }
        if (Number(root, "format_version") is not { } version || version < 1)
        {
            throw new ModelFileException($"{file}: format_version is not an integer of at least 1.");
        }
        // First of all: a newer format may have other keys.
        if (version > Version)
        {
            throw new ModelFileException(
                $"{file}: was saved in format {version} by {Quoted.Line(Text(root, "created_by") ?? "a newer Lamina", 100)}; this version of Lamina reads up to {Version}. Update Lamina."
            );
        }
        RequireKeys(root, ["format", "format_version", "created_by", "files"], file);
        string createdBy =
            Text(root, "created_by") ?? throw new ModelFileException($"{file}: created_by is not a string.");
        var files = new Dictionary<string, Checksum>(StringComparer.Ordinal);
        foreach ((string name, JsonNode? value) in root["files"] as JsonObject ?? [])
        {
            if (!ModelPart.Names.Contains(name))
            {
                throw new ModelFileException(
                    $"{file}: names the file {Quoted.Name(name)}, which is not part of a model."
                );
            }
            files[name] = ParseChecksum(value, name, file);
        }
        foreach (string name in ModelPart.Required)
        {
            if (!files.ContainsKey(name))
            {
                throw new ModelFileException($"{file}: does not name {name}.");
            }
        }
        return new Manifest(createdBy, files);
    }

    private static Checksum ParseChecksum(JsonNode? node, string name, string file)
    {
        if (node is not JsonObject json)
        {
            throw new ModelFileException($"{file}: {name} is not an object with length and sha256.");
        }
        RequireKeys(json, ["length", "sha256"], file);
        if (Number(json, "length") is not { } length || length < 0)
        {
            throw new ModelFileException($"{file}: {name}: length is not an integer of at least 0.");
        }
        string? sha256 = Text(json, "sha256");
        if (sha256 is not { Length: Checksum.Digits } || !sha256.All(char.IsAsciiHexDigitLower))
        {
            throw new ModelFileException($"{file}: {name}: sha256 is not {Checksum.Digits} hexadecimal digits.");
        }
        return new Checksum(length, sha256);
    }

    private static void RequireKeys(JsonObject json, string[] keys, string file)
    {
        foreach ((string key, _) in json)
        {
            if (!keys.Contains(key))
            {
                throw new ModelFileException($"{file}: has the unknown key {Quoted.Name(key)}.");
            }
        }
    }

    private static string? Text(JsonObject json, string key) =>
        json[key] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static long? Number(JsonObject json, string key) =>
        json[key] is JsonValue value && value.TryGetValue(out long number) ? number : null;
}
