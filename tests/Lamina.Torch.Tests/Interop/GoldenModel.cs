using System.Text.Json;

namespace Lamina.Torch.Tests.Interop;

/// <summary>A model that another program made, with inputs and the outputs that it computed.</summary>
internal sealed class GoldenModel
{
    private GoldenModel(string folder, NDArray[] inputs, NDArray[] outputs) =>
        (Folder, Inputs, Outputs) = (folder, inputs, outputs);

    public string Folder { get; }

    public IReadOnlyList<NDArray> Inputs { get; }

    public IReadOnlyList<NDArray> Outputs { get; }

    public static GoldenModel Read(string format, string name)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Goldens", format, name);
        using JsonDocument io = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "io.json")));
        return new GoldenModel(folder, Arrays(io.RootElement, "inputs"), Arrays(io.RootElement, "outputs"));
    }

    /// <summary>The model computes what the other program did, to so much of the largest value.</summary>
    public void Agrees(Model model, double tolerance = 1e-5)
    {
        IReadOnlyList<NDArray> outputs = model.PredictAll(Inputs);
        Assert.Equal(Outputs.Count, outputs.Count);
        for (int i = 0; i < outputs.Count; i++)
        {
            Assert.Equal(Outputs[i].Shape, outputs[i].Shape);
            float scale = Outputs[i].Values.ToArray().Max(Math.Abs);
            for (int k = 0; k < outputs[i].Values.Length; k++)
            {
                Assert.Equal(Outputs[i].Values[k], outputs[i].Values[k], tolerance * scale);
            }
        }
    }

    /// <summary>The same model with another first output, computed from its second one.</summary>
    public GoldenModel WithFirstOutput(Func<float, float> ofSecond) =>
        new(
            Folder,
            [.. Inputs],
            [
                new NDArray(Outputs[1].Shape, (float[])[.. Outputs[1].Values.ToArray().Select(ofSecond)]),
                .. Outputs.Skip(1),
            ]
        );

    private static NDArray[] Arrays(JsonElement root, string key) =>
        [
            .. root.GetProperty(key)
                .EnumerateArray()
                .Select(a => new NDArray(
                    Shape.Of([.. a.GetProperty("shape").EnumerateArray().Select(d => d.GetInt32())]),
                    (float[])[.. a.GetProperty("values").EnumerateArray().Select(v => v.GetSingle())]
                )),
        ];
}
