using Lamina.Torch.Tests.Goldens;
using Lamina.Torch.Tests.Training.Losses;

namespace Lamina.Torch.Tests.Training;

/// <summary>Losses and metrics of targets that are class probabilities, as mixed batches have them.</summary>
public abstract class MixedTargetsTests(Device device)
{
    private const int Classes = 4;

    public static TheoryData<string> Dense =>
        [
            .. Golden
                .Load("losses.json")
                .Parts.Select(p => p.Name)
                .Where(n => n.StartsWith("categorical", StringComparison.Ordinal)),
        ];

    [Theory]
    [MemberData(nameof(Dense))]
    public void The_sparse_loss_of_probabilities_is_PyTorchs(string name)
    {
        Golden golden = Golden.Load("losses.json")[name];
        var loss = new SparseCategoricalCrossentropy(
            name.EndsWith("Logits", StringComparison.Ordinal),
            golden.Has("labelSmoothing") ? golden["labelSmoothing"].Number : 0
        );
        NDArray output = golden["output"].Tensor;
        var gradient = new float[output.Values.Length];
        Assert.Equal(golden["loss"].Number, Compute(loss, output, golden["target"].Tensor, gradient), 1e-5);
        float[] slopes = golden["gradient"].Tensor.Values.ToArray();
        for (int i = 0; i < slopes.Length; i++)
        {
            Assert.Equal(slopes[i], gradient[i], 1e-6 * Math.Max(1, Math.Abs(slopes[i])));
        }
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 0.1)]
    [InlineData(false, 0)]
    [InlineData(false, 0.1)]
    public void The_loss_of_mixed_targets_is_the_weighted_sum_of_both_losses(bool logits, double smoothing)
    {
        var loss = new SparseCategoricalCrossentropy(logits, smoothing);
        NDArray output = Output(logits);
        const float lambda = 0.3f;
        float[] first = [0, 3, 2];
        float[] second = [2, 0, 3];
        NDArray mixed = Mixed(first, second, lambda);
        var gradient = new float[output.Values.Length];
        double value = Compute(loss, output, mixed, gradient);

        double expected =
            (lambda * Compute(loss, output, new NDArray(Shape.Of(3), first), []))
            + ((1 - lambda) * Compute(loss, output, new NDArray(Shape.Of(3), second), []));
        Assert.Equal(expected, value, 1e-6);
        const float step = 1e-2f;
        for (int i = 0; i < gradient.Length; i++)
        {
            float kept = output.Values[i];
            output.Values[i] = kept + (step * Math.Abs(kept));
            double above = Compute(loss, output, mixed, []);
            double rise = output.Values[i];
            output.Values[i] = kept - (step * Math.Abs(kept));
            double slope = (above - Compute(loss, output, mixed, [])) / (rise - output.Values[i]);
            output.Values[i] = kept;
            Assert.Equal(slope, gradient[i], 5e-4 * Math.Max(1, Math.Abs(slope)));
        }
    }

    [Theory]
    [InlineData(0.6f, 0.6f, 0, 0)]
    [InlineData(1.5f, -0.5f, 0, 0)]
    [InlineData(float.NaN, 1, 0, 0)]
    public void Rows_that_are_no_probabilities_are_refused(float a, float b, float c, float d)
    {
        var loss = new SparseCategoricalCrossentropy(fromLogits: true);
        var target = new NDArray(Shape.Of(1, Classes), new[] { a, b, c, d });
        var error = Assert.Throws<LaminaException>(() => Compute(loss, new NDArray(Shape.Of(1, Classes)), target, []));
        Assert.Contains("class probabilities of target 0", error.Message, StringComparison.Ordinal);
        // As many values as classes make no row of them.
        Assert.Throws<LaminaException>(() =>
            Compute(loss, new NDArray(Shape.Of(1, Classes)), target.Reshape(Shape.Of(Classes)), [])
        );
    }

    [Fact]
    public void Metrics_count_the_class_with_the_larger_share()
    {
        var accuracy = new Accuracy();
        var output = new NDArray(Shape.Of(2, 3), new float[] { 1, 0, 0, 0, 0, 1 });
        accuracy.Update(output, new NDArray(Shape.Of(2, 3), new[] { .7f, .3f, 0, .6f, 0, .4f }));
        Assert.Equal(0.5, accuracy.Result);
    }

    [Fact]
    public void A_mixed_training_that_is_cancelled_goes_on_to_the_same_bytes()
    {
        using var folders = new Folders();
        RunResult whole = Mixed(folders.New()).Run();
        // Its optimizer accumulates two batches and keeps averages.
        Assert.NotEqual(whole.Weights, new ResumedRun(device, folders.New()).Run().Weights);
        foreach (int moment in (int[])[0, 2, 6, 13, 22])
        {
            string folder = folders.New();
            ResumedRun stopped = Mixed(folder);
            stopped.StopAt = i => i == moment;
            Assert.True(stopped.Run().Cancelled);
            whole.AssertSame(Mixed(folder).Run());
        }

        ResumedRun Mixed(string folder) =>
            new(device, folder)
            {
                Train = new MixedBatches(ResumedRun.Data(), new Mixing { MixUp = 0.4, CutMix = 1 }, 7, seed: 3)
                {
                    ReuseBuffers = true,
                },
            };
    }

    private double Compute(Loss loss, NDArray output, NDArray target, Span<float> gradient)
    {
        LossRun run = LossRun.Of(loss, output, target, device);
        if (!gradient.IsEmpty)
        {
            run.Gradient.CopyTo(gradient);
        }
        return run.Value;
    }

    private static NDArray Output(bool logits)
    {
        float[] values = [.8f, -1.2f, .3f, 2, -.4f, .9f, 1.1f, -.7f, .2f, -2, 1.6f, .5f];
        return new NDArray(
            Shape.Of(3, Classes),
            logits ? values : [.. values.Chunk(Classes).SelectMany(r => r.Select(v => MathF.Exp(v) / r.Sum(MathF.Exp)))]
        );
    }

    private static NDArray Mixed(float[] first, float[] second, float lambda)
    {
        var mixed = new NDArray(Shape.Of(first.Length, Classes));
        for (int i = 0; i < first.Length; i++)
        {
            mixed[i, (int)first[i]] += lambda;
            mixed[i, (int)second[i]] += 1 - lambda;
        }
        return mixed;
    }

    private sealed class Folders : IDisposable
    {
        private readonly string _root = Directory.CreateTempSubdirectory("lamina-mixed-").FullName;
        private int _next;

        public string New() => Path.Combine(_root, $"{_next++}");

        public void Dispose() => Directory.Delete(_root, recursive: true);
    }
}

/// <inheritdoc/>
public sealed class MixedTargetsOnCpuTests() : MixedTargetsTests(Device.Cpu);

/// <inheritdoc/>
public sealed class MixedTargetsOnPortableTests() : MixedTargetsTests(Device.Portable);
