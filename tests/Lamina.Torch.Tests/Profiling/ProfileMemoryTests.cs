using System.Runtime.CompilerServices;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Profiling;

/// <summary>A profile measures its own memory, whatever else the process allocates or frees meanwhile.</summary>
public sealed class ProfileMemoryTests
{
    private static readonly ProfileOptions s_short = new()
    {
        WarmUp = 1,
        Rounds = 2,
        Duration = TimeSpan.Zero,
    };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Models_that_are_finalized_meanwhile_do_not_count(bool training)
    {
        ProfileOptions options = s_short with { Training = training };
        long alone = Network(new GlorotUniform()).Profile(4, options).PeakTensorBytes;
        var freeing = new Runs(FreeAbandoned);
        Model model = Network(freeing);
        Abandon();
        Assert.Equal(alone, model.Profile(4, options).PeakTensorBytes);
        Assert.True(freeing.Ran);
    }

    [Fact]
    public void Weights_that_are_in_the_engine_already_count()
    {
        Model model = Network(new GlorotUniform());
        long alone = model.Profile(4, s_short).PeakTensorBytes;
        Assert.Equal(alone, model.Profile(4, s_short).PeakTensorBytes);
    }

    [Fact]
    public void What_other_threads_allocate_does_not_count()
    {
        ProfileOptions options = s_short with { Rounds = 5 };
        long alone = Network(new GlorotUniform()).Profile(4, options).PeakTensorBytes;
        using var stop = new CancellationTokenSource();
        using var started = new ManualResetEventSlim();
        var other = new Thread(() =>
        {
            Model big = Big();
            while (!stop.IsCancellationRequested)
            {
                big.Predict(new NDArray([64, 1000]));
                started.Set();
            }
        });
        other.Start();
        started.Wait(TestContext.Current.CancellationToken);
        long beside = Network(new GlorotUniform()).Profile(4, options).PeakTensorBytes;
        stop.Cancel();
        other.Join();
        Assert.Equal(alone, beside);
    }

    private static Model Network(Initializer initializer)
    {
        Symbol input = Input(50);
        return Model(input, Dense(10, activation: "softmax")(Dense(60, kernelInitializer: initializer)(input)));
    }

    private static Model Big()
    {
        Symbol input = Input(1000);
        return Model(input, Dense(500)(input));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Abandon() => Big().Predict(new NDArray([1, 1000]));

    private static void FreeAbandoned()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    /// <summary>Does something while weights are drawn, which a profile's plan does when it is compiled.</summary>
    private sealed record Runs(Action Work) : Initializer
    {
        public bool Ran { get; private set; }

        public override void Fill(Span<float> values, Shape shape, ref RandomStream random)
        {
            new GlorotUniform().Fill(values, shape, ref random);
            Work();
            Ran = true;
        }
    }
}
