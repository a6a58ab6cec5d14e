namespace Lamina.Torch.Tests.Training.Callbacks;

/// <summary>Rates after each epoch, worked out by hand from Keras's documentation.</summary>
public class ReduceLROnPlateauTests
{
    [Fact]
    public void The_rate_falls_after_the_patience()
    {
        Assert.Equal(
            [1, 1, 1, 0.5, 0.5, 0.25, 0.25],
            Rates(new ReduceLROnPlateau(factor: 0.5, patience: 2), [3, 2, 2, 2, 2, 2, 1])
        );
    }

    [Fact]
    public void Cooldown_epochs_do_not_count()
    {
        // Falls at 1; the cooldown of 2 covers 2, and at 3 is over, which counts again: falls at 3.
        Assert.Equal(
            [1, 0.5, 0.5, 0.25, 0.25, 0.125],
            Rates(new ReduceLROnPlateau(factor: 0.5, patience: 1, cooldown: 2), [1, 1, 1, 1, 1, 1])
        );
    }

    [Fact]
    public void The_rate_stays_over_its_bound_and_falls_only_so_often()
    {
        Assert.Equal(
            [1, 0.5, 0.3, 0.3],
            Rates(new ReduceLROnPlateau(factor: 0.5, patience: 1, minLr: 0.3), [1, 1, 1, 1])
        );
        var paper = new ReduceLROnPlateau(factor: 0.5, patience: 1, maxReductions: 3);
        Assert.Equal([1, 0.5, 0.25, 0.125, 0.125, 0.125], Rates(paper, [1, 1, 1, 1, 1, 1]));
        Assert.Equal(3, paper.Reductions);
    }

    [Fact]
    public void Less_than_minDelta_is_no_improvement_and_NaN_never_is_one()
    {
        Assert.Equal([1, 0.5], Rates(new ReduceLROnPlateau(factor: 0.5, patience: 1, minDelta: 0.1), [1, 0.95]));
        Assert.Equal([1, 1], Rates(new ReduceLROnPlateau(factor: 0.5, patience: 1, minDelta: 0.01), [1, 0.95]));
        Assert.Equal([0.5], Rates(new ReduceLROnPlateau(factor: 0.5, patience: 1), [double.NaN]));
    }

    [Fact]
    public void A_resumed_run_has_the_rates_of_the_whole_run()
    {
        double[] values = [3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1];
        static ReduceLROnPlateau New() => new(factor: 0.3, patience: 2, cooldown: 1, maxReductions: 3);
        double[] whole = Rates(New(), values);
        for (int cut = 1; cut < values.Length; cut++)
        {
            using var first = new Script(New(), rate: 1);
            first.Play("val_loss", values[..cut]);
            ReduceLROnPlateau after = New();
            using var second = new Script(after, rate: 1);
            after.SetState(first.State());
            double[] rates =
            [
                .. Enumerable
                    .Range(cut, values.Length - cut)
                    .Select(i =>
                    {
                        second.Play("val_loss", values[..(i + 1)], from: i);
                        return second.Compiled.Optimizer.LearningRate;
                    }),
            ];
            Assert.Equal(whole[cut..], rates);
        }
    }

    [Fact]
    public void Impossible_arguments_and_missing_values_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReduceLROnPlateau(factor: 1));
        using var script = new Script(new ReduceLROnPlateau("val_acc"));
        Assert.StartsWith(
            "ReduceLROnPlateau monitors 'val_acc', but the logs contain 'loss'.",
            Assert.Throws<LaminaException>(() => script.Play("loss", [1])).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Neither_it_nor_the_scheduler_runs_beside_a_schedule()
    {
        using CompiledModel compiled = Script.Tiny().Compile(new Sgd { Schedule = new CosineDecay(0.1, 10) }, "mse");
        foreach (
            Callback callback in (Callback[])[new ReduceLROnPlateau(), new LearningRateScheduler((_, rate) => rate)]
        )
        {
            Assert.Equal(
                $"{callback.GetType().Name} sets the learning rate, which follows the optimizer's schedule cosine_decay. "
                    + "Remove one of the two.",
                Assert.Throws<LaminaException>(() => callback.OnTrainBegin(compiled)).Message
            );
        }
    }

    private static double[] Rates(ReduceLROnPlateau callback, double[] values)
    {
        using var script = new Script(callback, rate: 1);
        return
        [
            .. values.Select(
                (_, i) =>
                {
                    script.Play("val_loss", values[..(i + 1)], from: i);
                    return script.Compiled.Optimizer.LearningRate;
                }
            ),
        ];
    }
}
