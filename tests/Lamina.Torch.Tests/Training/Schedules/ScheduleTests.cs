using Lamina.Torch.Tests.Training.Optimizers;

namespace Lamina.Torch.Tests.Training.Schedules;

/// <summary>Schedules against their closed forms, and who follows them.</summary>
public class ScheduleTests
{
    [Fact]
    public void Cosine_decay_falls_to_its_share()
    {
        var plain = new CosineDecay(0.4, 100);
        Assert.Equal(0.4, plain.At(0));
        Assert.Equal(0.4 * (1 + Math.Sqrt(0.5)) / 2, plain.At(25), 15);
        Assert.Equal(0.2, plain.At(50), 15);
        Assert.Equal(0, plain.At(100), 15);
        Assert.Equal(0, plain.At(1000), 15);
        var floor = new CosineDecay(0.4, 100, alpha: 0.25);
        Assert.Equal(0.4 * ((0.75 * 0.5) + 0.25), floor.At(50), 15);
        Assert.Equal(0.1, floor.At(500), 15);
    }

    [Fact]
    public void Cosine_decay_rises_to_its_target_first()
    {
        var schedule = new CosineDecay(0.1, 100, warmupTarget: 0.5, warmupSteps: 10);
        Assert.Equal(0.1, schedule.At(0));
        Assert.Equal(0.3, schedule.At(5), 15);
        Assert.Equal(0.5, schedule.At(10));
        Assert.Equal(0.25, schedule.At(60), 15);
        Assert.Equal(0, schedule.At(110), 15);
        Assert.Equal(new CosineDecay(0.1, 100).At(7), new CosineDecay(0.1, 100, warmupSteps: 10).At(7));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(100, 1)]
    [InlineData(101, 0.5)]
    [InlineData(200, 0.5)]
    [InlineData(201, 0.1)]
    public void Piecewise_constants_change_after_their_boundaries(long update, double rate) =>
        Assert.Equal(rate, new PiecewiseConstantDecay([100, 200], [1, 0.5, 0.1]).At(update));

    [Fact]
    public void Exponential_decay_is_a_power()
    {
        Assert.Equal(0.1 * Math.Pow(0.5, 1.5), new ExponentialDecay(0.1, 10, 0.5).At(15), 15);
        var caffe = new ExponentialDecay(0.01, 100_000, 0.1, staircase: true);
        Assert.Equal(0.01, caffe.At(99_999));
        Assert.Equal(0.001, caffe.At(100_000), 15);
        Assert.Equal(0.000_01, caffe.At(399_999), 15);
    }

    [Fact]
    public void Polynomial_decay_ends_at_its_end()
    {
        var line = new PolynomialDecay(0.1, 100, 0.02);
        Assert.Equal(0.08, line.At(25), 15);
        Assert.Equal(0.02, line.At(100), 15);
        Assert.Equal(0.02, line.At(101), 15);
        Assert.Equal(8 * 0.75 * 0.75, new PolynomialDecay(8, 100, 0, 2).At(25), 15);
    }

    // In one formula: rise·rate·(1 + cos π·done) / 2.
    [Theory]
    [InlineData(0.02, 240, 10)]
    [InlineData(0.0001, 7, 0)]
    [InlineData(0.3, 11, 1)]
    public void A_warm_up_and_a_cosine_are_the_standard_training_to_the_bit(double rate, long total, long rise)
    {
        var schedule = new WarmUp(new CosineDecay(rate, total - rise), rise);
        for (long step = 0; step <= total + 1; step++)
        {
            double risen = rise == 0 ? 1 : Math.Min(1, (step + 1.0) / rise);
            double done = Math.Clamp((double)(step - rise) / (total - rise), 0, 1);
            Assert.Equal(rate * risen * (1 + Math.Cos(Math.PI * done)) / 2, schedule.At(step));
        }
    }

    [Fact]
    public void The_rate_follows_the_updates()
    {
        (NDArray x, NDArray y) = TinyModels.Data(4);
        Model model = TinyModels.Network(2);
        var sgd = new Sgd
        {
            Schedule = new PiecewiseConstantDecay([0, 1], [0.3, 0.2, 0.1]),
            GradientAccumulationSteps = 2,
        };
        using CompiledModel compiled = model.Compile(sgd, "sparse_categorical_crossentropy");
        Assert.Equal(0.3, sgd.LearningRate);
        List<double> rates = [];
        for (int i = 0; i < 6; i++)
        {
            model.TrainOnBatch(x, y);
            rates.Add(sgd.LearningRate);
        }
        Assert.Equal([0.3, 0.3, 0.3, 0.2, 0.2, 0.1], rates);
    }

    [Fact]
    public void A_rate_that_a_schedule_gives_cannot_be_set()
    {
        var adam = new Adam { Schedule = new CosineDecay(0.1, 10) };
        var error = Assert.Throws<LaminaException>(() => adam.LearningRate = 0.5);
        Assert.Contains("cosine_decay", error.Message, StringComparison.Ordinal);
        Assert.Equal(0.1, adam.LearningRate);
    }

    [Fact]
    public void Schedules_of_the_same_data_are_equal()
    {
        Assert.Equal(new PiecewiseConstantDecay([1], [1, 2]), new PiecewiseConstantDecay([1], [1, 2]));
        Assert.NotEqual(new PiecewiseConstantDecay([1], [1, 2]), new PiecewiseConstantDecay([2], [1, 2]));
        Assert.Equal(new WarmUp(new CosineDecay(1, 2), 3), new WarmUp(new CosineDecay(1, 2), 3));
    }

    [Fact]
    public void What_is_out_of_range_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineDecay(-1, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineDecay(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineDecay(1, 10, 2));
        Assert.Throws<ArgumentException>(() => new PiecewiseConstantDecay([2, 1], [1, 2, 3]));
        Assert.Throws<ArgumentException>(() => new PiecewiseConstantDecay([1], [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WarmUp(new CosineDecay(1, 1), -1));
    }
}
