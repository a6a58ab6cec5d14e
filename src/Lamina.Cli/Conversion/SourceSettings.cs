using System.Text.Json.Nodes;

namespace Lamina.Cli;

/// <summary>What the command line says of a model's file that the file itself does not.</summary>
/// <param name="Model">The model of the zoo that weights belong to; null for the file's own graph.</param>
/// <param name="Options">What that model is built for.</param>
/// <param name="ClassesFrom">A text file with a class's name a line; null for the file's own.</param>
/// <param name="Preprocessing">A name or a JSON file; null for the file's own.</param>
internal sealed record SourceSettings(
    string? Model = null,
    ZooOptions? Options = null,
    string? ClassesFrom = null,
    string? Preprocessing = null
)
{
    private const int MostBytes = 1 << 24;

    /// <summary>The names of preprocessings that come along.</summary>
    public static IReadOnlyList<string> Names { get; } = ["torchvision", "0-1", "0-255"];

    /// <summary>Loads a file.</summary>
    /// <exception cref="LaminaException">It cannot be read, or holds weights alone and no model is named.</exception>
    public SourceModel Load(string path) => SourceModel.Load(path, Model, Options ?? new ZooOptions());

    /// <summary>What a loaded file says, with what is told in its place.</summary>
    /// <exception cref="LaminaException">It cannot be read, or does not fit the model.</exception>
    public JsonObject Metadata(SourceModel source)
    {
        JsonObject metadata = source.Metadata.DeepClone().AsObject();
        if (ClassesFrom is not null)
        {
            string[] names = [.. Text(ClassesFrom).Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0)];
            int outputs = source.Model.Outputs[0].Shape[^1] ?? 0;
            if (names.Length != outputs)
            {
                throw new LaminaException(
                    $"--classes-from: {ClassesFrom} names {names.Length} classes, the model has {outputs}."
                );
            }
            metadata["classes"] = new JsonArray([.. names.Select(n => JsonValue.Create(n))]);
        }
        Preprocessing? told = Preprocessing is null ? source.Preprocessing : Named(source.Model, Preprocessing);
        if (told is not null)
        {
            metadata["preprocessing"] = JsonNode.Parse(told.ToJson());
        }
        return metadata;
    }

    private static Preprocessing Named(Model model, string name)
    {
        if (
            model.Inputs is not [{ Shape: { Rank: 4 } shape }]
            || shape[1] is not { } height
            || shape[2] is not { } width
        )
        {
            throw new LaminaException("--preprocessing: the model does not take images of one size.");
        }
        var plain = new Preprocessing
        {
            Height = height,
            Width = width,
            Channels = shape[3]!.Value,
        };
        return name switch
        {
            "torchvision" => SourceModel.Torchvision(model)
                ?? throw new LaminaException("--preprocessing: torchvision's is for images of 3 channels."),
            "0-1" => plain,
            "0-255" => plain with { Scale = 1 },
            _ when File.Exists(name) => Lamina.Preprocessing.FromJson(Text(name)),
            _ => throw new LaminaException(
                $"--preprocessing: '{name}' is none of {string.Join(", ", Names)}, nor is there such a file."
            ),
        };
    }

    private static string Text(string path)
    {
        if (Directory.Exists(path))
        {
            throw new LaminaException($"{path}: is a folder. Name a text file.");
        }
        try
        {
            return new FileInfo(path).Length <= MostBytes
                ? File.ReadAllText(path)
                : throw new LaminaException($"{path}: has over {MostBytes} bytes.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{path}: cannot be read ({ErrorLine.OneLine(e.Message)})", e);
        }
    }
}
