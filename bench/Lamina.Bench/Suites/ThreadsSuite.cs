using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>The rate of Lamina by number of threads, and the share of linear scaling that each number reaches.</summary>
internal sealed class ThreadsSuite() : Suite("threads", "Predictions and training steps by number of threads.")
{
    private static readonly int[] s_batches = [1, 32];
    private static readonly int[] s_threads = [1, 2, 4, 8, 16];

    private static string TitleOf(int threads) => threads == 1 ? "1 thread" : $"{threads} threads";

    private static string NameOf(string kind, string model, int batch) => $"threads {kind} {model} {batch}";

    // More threads than cores only take turns.
    private static int[] Threads(SuiteContext context) =>
        context.Threads ?? [.. s_threads.Where(t => t == 1 || t <= Environment.ProcessorCount)];

    private static IEnumerable<(string Kind, string Model, int Batch)> Points(SuiteContext context) =>
        from kind in (string[])[PeerRequest.Infer, PeerRequest.Train]
        from model in context.Models
        where kind == PeerRequest.Infer || !Networks.Has(model)
        from batch in context.Batches ?? s_batches
        select (kind, model, batch);

    public override IReadOnlyList<Workload> Workloads(SuiteContext context) =>
        [.. Points(context).Select(p => WorkloadOf(context, p.Kind, p.Model, p.Batch))];

    private static Workload WorkloadOf(SuiteContext context, string kind, string model, int batch)
    {
        var request = new PeerRequest
        {
            Kind = kind,
            Folder = context.ModelFolder(model, context.Input),
            Batch = batch,
        };
        int[] threads = Threads(context);
        return new Workload(
            NameOf(kind, model, batch),
            [.. threads.Select(TitleOf)],
            [.. threads.Select(t => new WorkerContender(TitleOf(t), () => CommandOf(t), request))]
        )
        {
            Prepare = () => context.Write(model, context.Input),
        };
    }

    private static PeerCommand CommandOf(int threads) =>
        PeerCommand.Own with
        {
            Environment = new Dictionary<string, string> { ["OMP_NUM_THREADS"] = $"{threads}" },
        };

    public override IReadOnlyList<Table> Tables(SuiteContext context, IReadOnlyList<WorkloadResult> results)
    {
        int[] threads = Threads(context);
        var table = new Table(
            "threads",
            "Images/s by number of threads, and the share of linear scaling from the first column on.",
            [
                "what, model, batch",
                .. threads.Select(TitleOf),
                .. threads.Skip(1).Select(t => $"of {t / (double)threads[0]:0.#}×"),
            ]
        );
        foreach (WorkloadResult result in results.Where(r => r.Rounds.Count > 0))
        {
            table.Add([
                result.Name[(Name.Length + 1)..].Replace(" ", ", ", StringComparison.Ordinal),
                .. threads.Select(t => Cells.Rate(result, TitleOf(t))),
                .. threads.Skip(1).Select(t => Efficiency(result, threads[0], t)),
            ]);
        }
        table.NoteFailures(results);
        return [table];
    }

    private static string Efficiency(WorkloadResult result, int one, int threads) =>
        result.Has(TitleOf(one)) && result.Has(TitleOf(threads))
            ? result.Speedup(TitleOf(threads), TitleOf(one)).ToText("0", 100.0 * one / threads) + " %"
            : Cells.Missing;
}
