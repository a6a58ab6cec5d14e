using static Lamina.Layers;

namespace Lamina.Tests;

/// <summary>A session flows with the call: what one flow of control builds or sets is never seen by another.</summary>
public class SessionFlowTests
{
    private const int Threads = 8;
    private const int Builds = 250;

    [Fact]
    public void Models_built_on_several_threads_have_the_names_and_weights_of_one_built_alone()
    {
        string alone = OnThread(() => Built(seed: 7));
        using var start = new Barrier(Threads);
        string[][] built = new string[Threads][];
        Run(
            Threads,
            i =>
            {
                start.SignalAndWait();
                built[i] = [.. Enumerable.Range(0, Builds).Select(_ => Built(seed: 7))];
            }
        );
        Assert.Equal([alone], built.SelectMany(b => b).Distinct());
        Assert.Equal(Threads * Builds, built.Sum(b => b.Length));
    }

    [Fact]
    public void Models_that_follow_one_another_on_a_thread_count_on_as_alone()
    {
        string[] alone = OnThread(Three);
        string[][] built = new string[Threads][];
        Run(Threads, i => built[i] = Three());
        Assert.All(built, b => Assert.Equal(alone, b));
        Assert.Equal(3, alone.Distinct().Count());

        static string[] Three()
        {
            Session.Clear();
            Session.SetRandomSeed(3);
            return [.. Enumerable.Range(0, 3).Select(_ => Described())];
        }
    }

    [Fact]
    public void A_thread_starts_with_its_creators_session_and_keeps_its_own()
    {
        Session.Clear();
        Session.SetRandomSeed(11);
        string first = Described();
        string[] children = new string[4];
        Run(
            4,
            i =>
            {
                Assert.Equal(11, Session.Seed);
                children[i] = Described();
                Session.Clear();
                Session.SetRandomSeed(100 + i);
            }
        );
        Assert.Equal(11, Session.Seed);
        string second = Described();
        Assert.All(children, c => Assert.Equal(second, c));
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void A_thread_without_its_creators_context_starts_as_a_program_does()
    {
        string fresh;
        using (Session.BeginScope(seed: 0))
        {
            fresh = Described();
        }
        Session.SetRandomSeed(5);
        Described();
        string built = "";
        var thread = new Thread(() => built = Described());
        thread.UnsafeStart();
        thread.Join();
        Assert.Equal(fresh, built);
    }

    [Fact]
    public async Task Building_continues_after_an_await_on_whatever_thread()
    {
        string[] alone = OnThread(() =>
        {
            Session.Clear();
            Session.SetRandomSeed(9);
            return new[] { Described(), Described() };
        });
        string[][] built = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(Two)));
        Assert.All(built, b => Assert.Equal(alone, b));

        static async Task<string[]> Two()
        {
            Session.Clear();
            Session.SetRandomSeed(9);
            string first = Described();
            await Task.Yield();
            await Task.Delay(1, TestContext.Current.CancellationToken);
            return [first, Described()];
        }
    }

    [Fact]
    public async Task Tasks_that_one_scope_starts_do_not_share_its_counters()
    {
        using IDisposable scope = Session.BeginScope(seed: 4);
        string alone = await Task.Run(Described, TestContext.Current.CancellationToken);
        string[] built = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(Described)));
        Assert.All(built, b => Assert.Equal(alone, b));
        // Nor has the scope itself counted anything.
        Assert.Equal(alone, Described());
    }

    [Fact]
    public void Iterations_of_a_parallel_loop_with_scopes_are_alone()
    {
        Session.Clear();
        Session.SetRandomSeed(1);
        string outer = Described();
        string[] built = new string[200];
        Parallel.For(
            0,
            built.Length,
            i =>
            {
                using IDisposable scope = Session.BeginScope(seed: i % 3);
                built[i] = Described();
            }
        );
        Assert.Equal(3, built.Distinct().Count());
        Assert.All(built, (b, i) => Assert.Equal(built[i % 3], b));
        Assert.Equal(1, Session.Seed);
        Session.Clear();
        Session.SetRandomSeed(1);
        Assert.Equal(outer, Described());
    }

    [Fact]
    public void A_scope_starts_anew_and_restores_what_was()
    {
        Session.Clear();
        Session.SetRandomSeed(21);
        string first = Described();
        IDisposable scope = Session.BeginScope();
        Assert.Equal(21, Session.Seed);
        Assert.Equal(first, Described());
        using (Session.BeginScope(seed: 22))
        {
            Assert.Equal(22, Session.Seed);
            Assert.NotEqual(first, Described());
        }
        Assert.StartsWith("model_1:", Described(), StringComparison.Ordinal);
        scope.Dispose();
        string second = Described();
        Assert.StartsWith("model_1:", second, StringComparison.Ordinal);
        scope.Dispose();
        Assert.StartsWith("model_2:", Described(), StringComparison.Ordinal);
    }

    private static string Built(long seed)
    {
        Session.Clear();
        Session.SetRandomSeed(seed);
        return Described();
    }

    /// <summary>A small model's names and initial weights.</summary>
    private static string Described()
    {
        Symbol input = Input(6, 6, 2);
        Symbol x = Conv2D(3, 3, activation: "relu")(input);
        x = Conv2D(2, 1)(BatchNormalization()(x));
        Model model = Model(input, Dense(2)(Flatten()(x)));
        var hash = new HashCode();
        foreach (Weight weight in model.Weights)
        {
            foreach (float value in weight.GetValues())
            {
                hash.Add(value);
            }
        }
        return $"{model.Name}: {string.Join(' ', model.Layers.Select(l => l.Name))} {hash.ToHashCode()}";
    }

    private static T OnThread<T>(Func<T> build)
    {
        T result = default!;
        Run(1, _ => result = build());
        return result;
    }

    private static void Run(int threads, Action<int> work)
    {
        Exception?[] failures = new Exception?[threads];
        Thread[] workers =
        [
            .. Enumerable
                .Range(0, threads)
                .Select(i => new Thread(() => failures[i] = Record.Exception(() => work(i)))),
        ];
        Array.ForEach(workers, w => w.Start());
        Array.ForEach(workers, w => w.Join());
        Assert.All(failures, Assert.Null);
    }
}
