namespace Lamina.Bench.Tests;

public sealed class OverlapTests
{
    [Fact]
    public void TheShareIsOfTheTimeInWhichKernelsRun()
    {
        TraceEvent[] kernels = [Event("a", RankTrace.ComputeRow, 0, 10), Event("b", RankTrace.ComputeRow, 12, 8)];
        // From 5 to 25: 5 with the first kernel, 8 with the second, 7 with none.
        TraceEvent sum = Event("sum", RankTrace.SumRow, 5, 20);
        Assert.Equal(13 / 20.0, Overlap.Share([sum], [.. kernels, sum]), 12);
    }

    [Fact]
    public void ATraceIsReadBack()
    {
        string path = Path.GetTempFileName();
        var trace = new RankTrace { IsRecording = true };
        trace.Add(new ReducedBucket(["dense/kernel", "dense/bias"], 400, 1000, 3000));
        trace.Add(new ReducedBucket(["conv/kernel"], 100, 2000, 4000));
        trace.Write(path);
        IReadOnlyList<TraceEvent> events = RankTrace.Read(path);
        File.Delete(path);
        Assert.Equal(["dense/kernel and 1 more", "conv/kernel"], events.Select(e => e.Name));
        Assert.Equal([400, 100], events.Select(e => e.Args.Bytes));
        // The second waits for the first.
        Assert.Equal(events[0].End, events[1].Ts, 6);
    }

    private static TraceEvent Event(string name, int row, double start, double length) =>
        new(name, "", "X", start, length, 1, row, new TraceArguments(0));
}
