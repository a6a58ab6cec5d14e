namespace Lamina.Tests.Graph;

public class SessionStoreTests
{
    [Fact]
    public async Task Flows_without_a_session_of_their_own_share_one_once_it_is_shared()
    {
        var store = new SessionStore();
        await CellAsync(store);
        // Each flow counted for itself.
        Assert.Equal(0, await CellAsync(store));
        await RunAsync(store.Share);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(i, await CellAsync(store));
        }
    }

    [Fact]
    public async Task What_the_flow_that_shares_has_built_counts()
    {
        var store = new SessionStore();
        await RunAsync(() =>
        {
            store.Update(s => s.WithWeight());
            store.Share();
            store.Update(s => s.WithWeight());
        });
        Assert.Equal(2, await CellAsync(store));
    }

    [Fact]
    public async Task A_scope_is_a_flows_own_even_if_the_session_is_shared()
    {
        var store = new SessionStore();
        await RunAsync(store.Share);
        await CellAsync(store);
        await RunAsync(() =>
        {
            using (store.Begin(SessionState.Initial.WithSeed(7)))
            {
                Assert.Equal(0, store.Update(s => s.WithWeight()).Weights);
                Assert.Equal(7, store.State.Seed);
            }
            Assert.Equal((0, 1), (store.State.Seed, store.State.Weights));
        });
        Assert.Equal(1, await CellAsync(store));
    }

    [Fact]
    public async Task Flows_that_share_never_get_the_same_name()
    {
        var store = new SessionStore();
        await RunAsync(store.Share);
        long[][] seen = await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(_ =>
                    Task.Run(() =>
                        Enumerable.Range(0, 500).Select(_ => store.Update(s => s.WithWeight()).Weights).ToArray()
                    )
                )
        );
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => (long)i), seen.SelectMany(s => s).Order());
    }

    private static Task RunAsync(Action flow) => Task.Run(flow);

    /// <summary>A flow of its own, as a notebook's cell is: returns the number of its weight.</summary>
    private static Task<long> CellAsync(SessionStore store)
    {
        using AsyncFlowControl none = ExecutionContext.SuppressFlow();
        return Task.Run(() => store.Update(s => s.WithWeight()).Weights);
    }
}
