using Microsoft.ML.OnnxRuntime;

namespace Lamina.OnnxRuntime.Tests;

/// <summary>Runs an ONNX file by ONNX Runtime and compares it with the model that it was made from.</summary>
internal static class Runtime
{
    /// <summary>What the file computes for these arrays, given and taken in Lamina's layout.</summary>
    public static IReadOnlyList<NDArray> Run(string path, IReadOnlyList<NDArray> inputs, OnnxLayout layout)
    {
        using var settings = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        // Unoptimised, it computes what the file says and not what a rewriting of it says.
        settings.GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL;
        using var session = new InferenceSession(path, settings);
        using var options = new RunOptions();
        string[] names = [.. session.InputNames];
        OrtValue[] values = [.. inputs.Select(x => Value(layout == OnnxLayout.Nchw ? ToChannelsFirst(x) : x))];
        try
        {
            using IDisposableReadOnlyCollection<OrtValue> results = session.Run(
                options,
                names,
                values,
                [.. session.OutputNames]
            );
            return [.. results.Select(r => Array(r, layout))];
        }
        finally
        {
            foreach (OrtValue value in values)
            {
                value.Dispose();
            }
        }
    }

    /// <summary>The greatest difference, as a share of the greatest value.</summary>
    public static double Difference(NDArray expected, NDArray actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        double greatest = 0;
        double difference = 0;
        for (int i = 0; i < expected.Values.Length; i++)
        {
            greatest = Math.Max(greatest, Math.Abs(expected.Values[i]));
            double d = Math.Abs((double)expected.Values[i] - actual.Values[i]);
            difference = double.IsNaN(d) ? double.PositiveInfinity : Math.Max(difference, d);
        }
        return greatest > 0 ? difference / greatest : difference;
    }

    /// <summary>Images (N, H, W, C) as (N, C, H, W); others as they are.</summary>
    public static NDArray ToChannelsFirst(NDArray x) => Permuted(x, 0, 3, 1, 2);

    /// <summary>Images (N, C, H, W) as (N, H, W, C); others as they are.</summary>
    public static NDArray ToChannelsLast(NDArray x) => Permuted(x, 0, 2, 3, 1);

    private static NDArray Permuted(NDArray x, params int[] permutation)
    {
        if (x.Shape.Rank != 4)
        {
            return x;
        }
        int[] dims = x.Shape.ToArray();
        var result = new NDArray(Shape.Of([.. permutation.Select(p => dims[p])]));
        var from = new int[4];
        for (int i = 0; i < result.Values.Length; i++)
        {
            int rest = i;
            for (int d = 3; d >= 0; d--)
            {
                int size = result.Shape[d]!.Value;
                from[permutation[d]] = rest % size;
                rest /= size;
            }
            result.Values[i] = x[from];
        }
        return result;
    }

    private static OrtValue Value(NDArray x) =>
        OrtValue.CreateTensorValueFromMemory(x.Values.ToArray(), [.. x.Shape.Select(d => (long)d!.Value)]);

    private static NDArray Array(OrtValue value, OnnxLayout layout)
    {
        long[] dims = value.GetTensorTypeAndShape().Shape;
        var array = new NDArray(
            Shape.Of([.. dims.Select(d => checked((int)d))]),
            value.GetTensorDataAsSpan<float>().ToArray()
        );
        return layout == OnnxLayout.Nchw ? ToChannelsLast(array) : array;
    }
}
