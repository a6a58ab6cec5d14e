using Lamina.Formats.Tests;
using static Lamina.Layers;

namespace Lamina.OnnxRuntime.Tests;

/// <summary>Ops outside of layers, as ONNX Runtime computes them, in both orders of channels.</summary>
public class OperationExportTests
{
    public OperationExportTests()
    {
        Session.Clear();
        Session.SetRandomSeed(4);
    }

    [Fact]
    public void Functions_of_images()
    {
        Symbol input = Input(6, 5, 3);
        Symbol x = Conv2D(4, 2, activation: "sigmoid")(input);
        Symbol half = x - 0.5;
        Check(
            input,
            -x,
            Ops.Abs(half),
            Ops.Exp(x),
            Ops.Log(x),
            Ops.Log1p(half),
            Ops.Sqrt(x),
            Ops.Square(half),
            Ops.Sign(half),
            Ops.Clip(x, 0.4, 0.6),
            Ops.Power(x, 1.5),
            2 / x
        );
    }

    [Fact]
    public void Functions_of_two_stretch_channels_and_columns()
    {
        Symbol input = Input(6, 5, 3);
        Symbol x = Conv2D(4, 2, activation: "sigmoid")(input);
        Symbol perChannel = Ops.Constant(new NDArray(Shape.Of(4), new float[] { 0.3f, 0.5f, 0.6f, 0.9f }));
        Symbol perColumn = Ops.Constant(new NDArray(Shape.Of(1, 1, 4, 1), new float[] { 0.2f, 0.4f, 0.6f, 0.8f }));
        Symbol mean = Ops.Mean(x, [3], keepDims: true);
        Check(
            input,
            x + perChannel,
            perColumn - x,
            x / mean * perChannel,
            Ops.Maximum(x, mean),
            Ops.Minimum(perChannel, x),
            Ops.Power(x, perColumn),
            x > mean,
            x >= perChannel,
            x < 0.5,
            x <= perColumn,
            x.EqualTo(Ops.Max(x, [1, 2], keepDims: true)),
            Ops.NotEqual(x, Ops.Min(x, [3], keepDims: true)),
            Ops.Where(x > mean, perChannel, 0)
        );
    }

    [Fact]
    public void Whole_axes_and_matrices()
    {
        Symbol input = Input(6, 5, 3);
        Symbol x = Conv2D(4, 2, activation: "tanh")(input);
        Symbol flat = Flatten()(x);
        Symbol rows = Reshape(20, 4)(x);
        Symbol weights = Ops.Constant(new NDArray(Shape.Of(4, 2), new float[] { 1, -1, 2, 0.5f, -3, 1, 0, 2 }));
        Check(
            input,
            Ops.Sum(x, [-1]),
            Ops.Max(x, [1, 2]),
            Ops.Min(flat, [1], keepDims: true),
            Ops.LogSumExp(x, [3], keepDims: true),
            Ops.ArgMax(x),
            Ops.OneHot(Ops.ArgMax(rows), 5),
            Ops.MatMul(x, weights),
            Ops.MatMul(rows, Ops.Transpose(rows, 2, 1)),
            Ops.LogSoftmax(x),
            Ops.Exp(flat) * 2,
            flat - Ops.Sum(flat, [1], keepDims: true)
        );
    }

    private static void Check(Symbol input, params Symbol[] outputs)
    {
        var model = new Model([input], outputs);
        NDArray[] inputs = RoundTrip.Inputs(model, batch: 2);
        IReadOnlyList<NDArray> expected = model.PredictAll(inputs);
        foreach (OnnxLayout layout in Enum.GetValues<OnnxLayout>())
        {
            using var folder = new TempFolder();
            string path = folder["model.onnx"];
            OnnxFile.Export(model, path, new OnnxExportOptions { Layout = layout });
            RoundTrip.Agree(expected, Runtime.Run(path, inputs, layout), $"{layout}");
        }
    }
}
