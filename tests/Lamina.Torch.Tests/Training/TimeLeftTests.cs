using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training;

public sealed class TimeLeftTests
{
    private const int Epochs = 4;
    private const int Batches = 10;

    [Fact]
    public void The_first_step_after_a_resume_counts_from_the_batches_before()
    {
        using CompiledModel model = Compile();
        var progress = new FitProgress(model, 0);
        progress.GoTo(new FitState(0, 5, new MeansState(5, 5, []), TimeSpan.FromMinutes(1), Stop: false, []));

        // Half an epoch took a minute; three and a half are to come.
        Assert.InRange(progress.BatchLog(Epochs, Batches).Remaining.TotalMinutes, 7, 7.5);
    }

    [Fact]
    public void The_first_step_after_a_resume_counts_from_the_epoch_before()
    {
        using CompiledModel model = Compile();
        var progress = new FitProgress(model, 0);
        var epoch = new EpochLog(0, Epochs, TimeSpan.FromMinutes(2), 1, new Dictionary<string, double>());
        progress.GoTo(new FitState(1, 0, new MeansState(0, 0, []), TimeSpan.Zero, Stop: false, [epoch]));

        Assert.Equal(6, progress.BatchLog(Epochs, Batches).Remaining.TotalMinutes, 1e-6);
    }

    private static CompiledModel Compile()
    {
        Symbol input = Input(3);
        return Model(input, Dense(1)(input)).Compile(new Sgd(0.1), "mse");
    }
}
