using Lamina.Torch.Tests.Training.Losses;

namespace Lamina.Torch.Tests.Goldens;

/// <summary>Losses and their gradients against PyTorch's.</summary>
public class LossGoldenTests
{
    public static TheoryData<string> Cases => [.. Golden.Load("losses.json").Parts.Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Loss_and_gradient_are_those_of_PyTorch(string name)
    {
        Golden golden = Golden.Load("losses.json")[name];
        bool logits = name.EndsWith("Logits", StringComparison.Ordinal);
        double smoothing = golden.Has("labelSmoothing") ? golden["labelSmoothing"].Number : 0;
        Loss loss = name switch
        {
            "meanSquaredError" => new MeanSquaredError(),
            _ when name.StartsWith("sparse", StringComparison.Ordinal) => new SparseCategoricalCrossentropy(
                logits,
                smoothing
            ),
            _ => new CategoricalCrossentropy(logits, smoothing),
        };
        NDArray output = golden["output"].Tensor;
        NDArray target = golden["target"].Tensor;
        foreach (Device device in TestDevices.All)
        {
            LossRun run = LossRun.Of(loss, output, target, device);
            double expected = golden["loss"].Number;
            Assert.Equal(expected, run.Value, 1e-6 * Math.Max(1, expected));
            float[] slopes = golden["gradient"].Tensor.Values.ToArray();
            for (int i = 0; i < slopes.Length; i++)
            {
                Assert.Equal(slopes[i], run.Gradient[i], 1e-6 * Math.Max(1, Math.Abs(slopes[i])));
            }
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(-1)]
    [InlineData(.5f)]
    [InlineData(float.NaN)]
    public void A_label_that_is_no_class_is_an_error(float label)
    {
        var output = new NDArray([1, 5]);
        var target = new NDArray(Shape.Of(1), new[] { label });
        var loss = new SparseCategoricalCrossentropy(fromLogits: true);
        var error = Assert.Throws<LaminaException>(() => LossRun.Of(loss, output, target));
        Assert.Contains("from 0 to 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_probability_of_zero_costs_no_more_than_the_clip_of_Keras()
    {
        var output = new NDArray([1, 2], (float[])[0, 1]);
        LossRun run = LossRun.Of(new SparseCategoricalCrossentropy(), output, new NDArray([1], (float[])[0]));
        Assert.Equal(-Math.Log(1e-7), run.Value, 1e-6);
        Assert.All(run.Gradient, g => Assert.True(float.IsFinite(g)));
    }
}
