using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime;
using static Lamina.Layers;

namespace Lamina.OnnxRuntime.Tests;

/// <summary>The code of docs/onnx.md, compiled and run.</summary>
public sealed class OnnxPageTests
{
    [Fact]
    public void The_pages_code_runs()
    {
        string before = Environment.CurrentDirectory;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lamina-docs-");
        Environment.CurrentDirectory = folder.FullName;
        try
        {
            Run();
        }
        finally
        {
            Environment.CurrentDirectory = before;
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_page_has_the_code_that_runs_here()
    {
        string[] parts = Copied("onnx.md").Split("```csharp\n");
        Assert.Equal(4, parts.Length);
        foreach (string part in parts[1..])
        {
            Assert.Contains(Words(part.Split("```")[0]), Words(Copied("OnnxPageTests.cs")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_page_has_every_operator()
    {
        Assert.Contains(
            Words(string.Join(", ", OnnxOperators.Names.Order(StringComparer.Ordinal)) + "."),
            Words(Copied("onnx.md")),
            StringComparison.Ordinal
        );
    }

    private static void Run()
    {
        (int batch, int channels, int height, int width) = (2, 3, 8, 9);
        Symbol input = Input(height, width, channels);
        Model model = Model(input, Dense(2, activation: "softmax")(Flatten()(Conv2D(4, 3)(input))));
        var preprocessing = new JsonObject { ["scale"] = 1 / 255.0 };
        float[] pixels = new float[batch * channels * height * width];
        OnnxFile.Export(
            model,
            "model.onnx",
            new OnnxExportOptions
            {
                Metadata = new JsonObject
                {
                    ["classes"] = new JsonArray("cat", "dog"),
                    ["preprocessing"] = preprocessing,
                },
            }
        );

        using var session = new InferenceSession("model.onnx");
        using OrtValue images = OrtValue.CreateTensorValueFromMemory(pixels, [batch, channels, height, width]);
        using var options = new RunOptions();
        using var results = session.Run(options, session.InputNames, [images], session.OutputNames);
        float[] probabilities = results[0].GetTensorDataAsSpan<float>().ToArray();
        string[] classes = JsonSerializer.Deserialize<string[]>(session.ModelMetadata.CustomMetadataMap["classes"])!;

        OnnxModel read = OnnxFile.Import("model.onnx");
        Model network = read.Model;
        string? producer = (string?)read.Metadata["source"];
        OnnxFile.LoadWeights(model, "model.onnx");

        Assert.Equal(batch * classes.Length, probabilities.Length);
        Assert.Equal(1, probabilities[0] + probabilities[1], 1e-5);
        Assert.Equal("dog", classes[1]);
        Assert.Null(producer);
        Assert.Equal(model.CountParams(), network.CountParams());
    }

    private static string Copied(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Docs", name));

    private static string Words(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
