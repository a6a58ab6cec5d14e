using System.Text.Json;

namespace Lamina.Formats.Tests;

/// <summary>Files that torch.save wrote, and what PyTorch reads in them; make_pth_goldens.py makes both.</summary>
internal static class PyTorchGoldens
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Goldens", "pytorch");

    /// <summary>The path of a file.</summary>
    public static string File(string name) => Path.Combine(s_folder, name);

    /// <summary>For each file that can be read, its tensors.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, Expected>> All { get; } = Read();

    private static Dictionary<string, IReadOnlyDictionary<string, Expected>> Read()
    {
        using JsonDocument json = JsonDocument.Parse(System.IO.File.ReadAllBytes(File("expected.json")));
        return json.RootElement.EnumerateObject().ToDictionary(f => f.Name, f => Tensors(f.Value));
    }

    private static IReadOnlyDictionary<string, Expected> Tensors(JsonElement file)
    {
        var tensors = new OrderedDictionary<string, Expected>();
        foreach (JsonProperty tensor in file.EnumerateObject())
        {
            tensors.Add(
                tensor.Name,
                new Expected(
                    tensor.Value.GetProperty("dtype").GetString()!,
                    [.. tensor.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())],
                    [.. tensor.Value.GetProperty("values").EnumerateArray().Select(v => v.GetDouble())]
                )
            );
        }
        return tensors;
    }
}

/// <summary>A tensor as PyTorch sees it.</summary>
internal sealed record Expected(string Dtype, long[] Shape, double[] Values)
{
    /// <summary>The values as float32.</summary>
    public float[] Floats => [.. Values.Select(v => (float)v)];

    /// <summary>The tensor as an array.</summary>
    public NDArray Array => new(Lamina.Shape.Of([.. Shape.Select(d => (int)d)]), Floats);
}
