using Extending;
using Lamina.Torch.Tests.Training.Optimizers;

namespace Lamina.Torch.Tests.Training.Extending;

/// <summary>Schedules of a program's own.</summary>
public class CustomScheduleTests
{
    [Fact]
    public void A_triangle_goes_up_and_down()
    {
        var schedule = new Triangular(1, 3, 4);
        Assert.Equal([1, 1.5, 2, 2.5, 3, 2.5, 2, 1.5, 1], Enumerable.Range(0, 9).Select(i => schedule.At(i)));
        Assert.Equal(1.5, new WarmUp(schedule, 2).At(3));
    }

    [Fact]
    public void The_optimizer_follows_a_function()
    {
        Func<long, double> rate = update => 0.1 / (1 + update);
        Model model = TinyModels.Line(1, 2, 3);
        using CompiledModel compiled = model.Compile(new Sgd { Schedule = rate }, "mse");
        Assert.Equal(0.1, compiled.Optimizer.LearningRate);
        for (int i = 0; i < 3; i++)
        {
            model.TrainOnBatch(new NDArray([1, 2]), new NDArray([1, 1]));
        }
        Assert.Equal(0.1 / 3, compiled.Optimizer.LearningRate);
        // The bias alone has a gradient: 2·y, so that each step keeps 1 − 2ε of it.
        Assert.Equal(3 * (1 - 0.2) * (1 - 0.1) * (1 - (0.2 / 3)), model.Weights[1].GetValues()[0], 1e-6);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-1)]
    [InlineData(double.PositiveInfinity)]
    public void A_rate_that_is_impossible_is_named_with_its_update(double rate)
    {
        Model model = TinyModels.Line(1, 2, 3);
        var sgd = new Sgd { Schedule = LearningRateSchedule.From(update => update < 1 ? 0.1 : rate) };
        using CompiledModel compiled = model.Compile(sgd, "mse");
        var (x, y) = (new NDArray([1, 2]), new NDArray([1, 1]));
        model.TrainOnBatch(x, y);
        string message = Assert.Throws<LaminaException>(() => model.TrainOnBatch(x, y)).Message;
        Assert.Contains("for update 1", message, StringComparison.Ordinal);
        Assert.Throws<LaminaException>(() => new Sgd { Schedule = LearningRateSchedule.From(_ => rate) });
    }

    [Fact]
    public void A_config_that_is_registered_is_read()
    {
        LearningRateSchedule.Register("triangular", Triangular.Read);
        var schedule = new WarmUp(new Triangular(0.01, 0.1, 5), 3);
        Assert.Equal(schedule, LearningRateSchedule.FromConfig(schedule.GetConfig()));
    }
}
