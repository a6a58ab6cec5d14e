using static Lamina.Layers;

namespace Lamina.Torch.Tests.Native;

public class LoopMeterTests
{
    [Fact]
    public void Loops_of_the_calling_thread_are_counted_with_the_time_of_all_threads()
    {
        if (TorchLibrary.Threads == 1)
        {
            Assert.Skip("With one thread, no loop is shared out.");
        }
        var meter = new LoopMeter();
        using (meter.Count())
        {
            ElementLoop.Run(8, (_, _) => Thread.SpinWait(10_000), grain: 1);
            ElementLoop.Run(1, (_, _) => Thread.SpinWait(10_000), grain: 1);
            var other = new Thread(() => ElementLoop.Run(8, (_, _) => { }, grain: 1));
            other.Start();
            other.Join();
        }
        ElementLoop.Run(8, (_, _) => { }, grain: 1);
        Assert.Equal(1, meter.Loops);
        Assert.InRange(meter.Busy, 1, meter.Wall * TorchLibrary.Threads);
    }

    [Fact]
    public void Outside_of_loops_one_thread_computes()
    {
        var meter = new LoopMeter();
        // A loop of 100 in which two threads computed 150 together, in a step of 200: 150 + 100 of 400.
        meter.Add(wall: 100, busy: 150);
        Assert.Equal(0.375, meter.IdleShare(step: 200, threads: 2), 12);
        Assert.Equal(0, meter.IdleShare(step: 0, threads: 2));
        Assert.Equal(0, new LoopMeter().IdleShare(step: 10, threads: 1));
    }

    [Fact]
    public void A_profile_reports_loops_and_idle_threads()
    {
        Symbol input = Input(32, 32, 8);
        Model model = Model(input, Dense(4)(Flatten()(Conv2D(16, 3, padding: "same")(input))));
        ModelProfile profile = model.Profile(
            4,
            new ProfileOptions
            {
                Training = false,
                Rounds = 1,
                Duration = TimeSpan.Zero,
            }
        );
        Assert.InRange(profile.ParallelLoops, TorchLibrary.Threads == 1 ? 0 : 1, 20);
        Assert.InRange(profile.IdleShare, 0, 1);
        Assert.Contains("parallel loops per step", profile.ToString(), StringComparison.Ordinal);
    }
}
