using System.Text.Json.Nodes;

namespace Lamina.Torch.Tests.Interop;

/// <summary>
/// What Lamina writes, for other programs to read: kept in the folder that LAMINA_INTEROP_OUT names, where tests/interop's
/// scripts look; else in a temporary one, removed after the test.
/// </summary>
internal sealed class InteropOutput : IDisposable
{
    private readonly bool _kept;

    public InteropOutput(string format, string name)
    {
        string? root = Environment.GetEnvironmentVariable("LAMINA_INTEROP_OUT");
        _kept = !string.IsNullOrEmpty(root);
        Folder = Directory
            .CreateDirectory(
                _kept
                    ? Path.Combine(root!, format, name)
                    : Path.Combine(Path.GetTempPath(), $"lamina-interop-{Guid.NewGuid():N}")
            )
            .FullName;
    }

    public string Folder { get; }

    public string this[string file] => Path.Combine(Folder, file);

    /// <summary>Writes io.json: inputs, and the outputs that the model computes of them.</summary>
    public void WriteOutputs(Model model, IReadOnlyList<NDArray> inputs)
    {
        var io = new JsonObject { ["inputs"] = Arrays(inputs), ["outputs"] = Arrays(model.PredictAll(inputs)) };
        File.WriteAllText(this["io.json"], io.ToJsonString());
    }

    public void Dispose()
    {
        if (!_kept)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private static JsonArray Arrays(IReadOnlyList<NDArray> arrays) =>
        new([
            .. arrays.Select(a => new JsonObject
            {
                ["shape"] = new JsonArray([.. a.Shape.Select(d => (JsonNode)d!.Value)]),
                ["values"] = new JsonArray([.. a.Values.ToArray().Select(v => (JsonNode)v)]),
            }),
        ]);
}
