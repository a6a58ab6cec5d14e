using Lamina.Formats.Tests;

namespace Lamina.OnnxRuntime.Tests;

/// <summary>Exports a model and holds the file against the model's own inference.</summary>
internal static class RoundTrip
{
    /// <summary>Sample values from −1 to 1 for a model's inputs.</summary>
    public static NDArray[] Inputs(Model model, int batch, int seed = 1)
    {
        var random = new RandomStream(seed, RandomPurpose.User);
        var arrays = new List<NDArray>();
        foreach (Symbol input in model.Inputs)
        {
            var x = new NDArray(input.Shape.WithBatch(input.Shape[0] ?? batch));
            foreach (ref float value in x.Values)
            {
                value = (2 * random.NextSingle()) - 1;
            }
            arrays.Add(x);
        }
        return [.. arrays];
    }

    /// <summary>Weights that hide no mistake: biases, averages and shifts that are not all 0 or 1.</summary>
    public static Model Disturb(Model model)
    {
        int seed = 0;
        foreach (Weight weight in model.Weights.Where(w => w.Shape.Rank == 1))
        {
            var random = new RandomStream(++seed, RandomPurpose.User);
            var values = new float[weight.Count];
            foreach (ref float value in values.AsSpan())
            {
                value = weight.Name is "gamma" or "moving_variance" or "variance"
                    ? 0.5f + random.NextSingle()
                    : random.NextSingle() - 0.5f;
            }
            weight.SetValues(values);
        }
        return model;
    }

    /// <summary>The file's outputs agree with the model's to 1e-5 of the greatest value, in both layouts.</summary>
    public static void Check(Model model, OnnxExportOptions? options = null)
    {
        foreach (OnnxLayout layout in Enum.GetValues<OnnxLayout>())
        {
            Check(model, layout, options);
        }
    }

    /// <summary>The file's outputs agree with the model's, and so do those of the model that is read from it.</summary>
    public static void Check(Model model, OnnxLayout layout, OnnxExportOptions? options = null)
    {
        NDArray[] inputs = Inputs(model, batch: 2);
        IReadOnlyList<NDArray> expected = model.PredictAll(inputs);
        using var folder = new TempFolder();
        string path = folder["model.onnx"];
        OnnxFile.Export(model, path, (options ?? new()) with { Layout = layout });
        Keep(path);
        Agree(expected, Runtime.Run(path, inputs, layout), $"{layout}, ONNX Runtime");
        OnnxModel read = OnnxFile.Import(path);
        Assert.Equal(model.Inputs.Select(i => i.Layer!.Name), read.Inputs.Select(i => i.Name));
        Agree(expected, read.Model.PredictAll(inputs), $"{layout}, read again");
    }

    // tests/interop/run has the ONNX project's own checker read what these tests wrote.
    private static void Keep(string path)
    {
        if (Environment.GetEnvironmentVariable("LAMINA_KEEP_ONNX") is { Length: > 0 } folder)
        {
            File.Copy(path, Path.Combine(folder, $"{Directory.GetFiles(folder, "*.onnx").Length}.onnx"));
        }
    }

    public static void Agree(IReadOnlyList<NDArray> expected, IReadOnlyList<NDArray> actual, string who)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            double difference = Runtime.Difference(expected[i], actual[i]);
            Assert.True(difference <= 1e-5, $"{who}: output {i} differs by {difference:g3}.");
        }
    }
}
