using System.Globalization;
using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>
/// Ranks of one thread beside one rank of one thread, and beside as many processes that do not speak to each other: what the
/// machine itself loses when all its cores compute.
/// </summary>
internal sealed class RanksSuite() : Suite("ranks", "Training on several ranks of one thread, beside one.")
{
    private const string One = "1 rank";
    private const string Rounded = "in bfloat16";
    private const string Apart = "apart";
    private static readonly int[] s_batches = [16];
    private static readonly string[] s_models = ["walkthrough", "owt"];

    private static string Together(SuiteContext context) => $"{context.Ranks} ranks";

    private static IEnumerable<(string Model, int Batch)> Points(SuiteContext context) =>
        from model in context.Models
        where s_models.Contains(model)
        from batch in context.Batches ?? s_batches
        select (model, batch);

    private static string NameOf(string model, int batch) => $"ranks {model} {batch}";

    private static string TraceOf(SuiteContext context, string model, int batch, string variant) =>
        Path.Combine(
            context.Traces is { } kept ? Directory.CreateDirectory(kept).FullName : context.Folder("traces"),
            $"{model}-{batch}-{variant}.json"
        );

    public override IReadOnlyList<Workload> Workloads(SuiteContext context) =>
        [.. Points(context).Select(p => WorkloadOf(context, p.Model, p.Batch))];

    private static Workload WorkloadOf(SuiteContext context, string model, int batch)
    {
        WorkerContender Contender(string name, string variant, bool isAlone = false) =>
            new(
                name,
                () => CommandOf(isAlone ? 1 : context.Ranks),
                new PeerRequest
                {
                    Kind = RankWork.Kind,
                    Folder = context.ModelFolder(model, context.Input),
                    Batch = batch,
                    Variant = variant,
                    Trace = isAlone || variant == RankWork.Apart ? "" : TraceOf(context, model, batch, variant),
                }
            );
        return new Workload(
            NameOf(model, batch),
            [One, Together(context), Rounded, Apart],
            [
                Contender(One, "", isAlone: true),
                Contender(Together(context), RankWork.Together),
                Contender(Rounded, RankWork.Rounded),
                Contender(Apart, RankWork.Apart),
            ]
        )
        {
            Prepare = () => context.Write(model, context.Input),
        };
    }

    private static PeerCommand CommandOf(int ranks)
    {
        var variables = new Dictionary<string, string>
        {
            ["OMP_NUM_THREADS"] = "1",
            ["OMP_WAIT_POLICY"] = "passive",
            ["TERM"] = "dumb",
            ["OMPI_ALLOW_RUN_AS_ROOT"] = "1",
            ["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1",
        };
        string[] launcher = (Environment.GetEnvironmentVariable("LAMINA_MPIRUN") ?? "").Split(
            ' ',
            StringSplitOptions.RemoveEmptyEntries
        );
        if (launcher.Length == 0)
        {
            launcher = ["mpirun"];
            variables["OMPI_MCA_rmaps_base_oversubscribe"] = "1";
            variables["OMPI_MCA_hwloc_base_binding_policy"] = "none";
        }
        PeerCommand own = PeerCommand.Own;
        return ranks == 1
            ? own with
            {
                Environment = variables,
            }
            : new PeerCommand(
                launcher[0],
                [.. launcher.Skip(1), "-n", ranks.ToString(CultureInfo.InvariantCulture), own.Program, .. own.Arguments]
            )
            {
                Environment = variables,
            };
    }

    public override IReadOnlyList<Table> Tables(SuiteContext context, IReadOnlyList<WorkloadResult> results)
    {
        string together = Together(context);
        var rates = new Table(
            "ranks",
            "Images/s of training steps: one rank of one thread, several, several with gradients in bfloat16, and as many "
                + "processes apart. The share of linear scaling, and the share of what the machine computes apart.",
            "model, batch per rank",
            One,
            together,
            $"of {context.Ranks}×",
            "of apart",
            Rounded,
            "of apart",
            Apart
        );
        var buckets = new Table(
            "ranks-buckets",
            "Sums of gradients in the steps of a trace: the bytes, the time from when both the gradients and the connection are "
                + "ready to when the sum has arrived, and the share of it while the rank computes.",
            "model, batch, gradients",
            "MB",
            "ms",
            "hidden"
        );
        foreach (WorkloadResult result in results.Where(r => r.Rounds.Count > 0))
        {
            rates.Add(
                result.Name[(Name.Length + 1)..].Replace(" ", ", ", StringComparison.Ordinal),
                Cells.Rate(result, One),
                Cells.Rate(result, together),
                Share(result, together, One, context.Ranks),
                Share(result, together, Apart, 1),
                Cells.Rate(result, Rounded),
                Share(result, Rounded, Apart, 1),
                Cells.Rate(result, Apart)
            );
        }
        foreach ((string model, int batch) in Points(context))
        {
            foreach (string variant in (string[])[RankWork.Together, RankWork.Rounded])
            {
                string file = TraceOf(context, model, batch, variant);
                if (File.Exists(file))
                {
                    AddBuckets(buckets, $"{model}, {batch}", RankTrace.Read(file));
                }
            }
        }
        rates.NoteFailures(results);
        return [rates, buckets];
    }

    private static string Share(WorkloadResult result, string some, string other, int times) =>
        result.Has(some) && result.Has(other)
            ? result.Speedup(some, other).ToText("0", 100.0 / times) + " %"
            : Cells.Missing;

    private static void AddBuckets(Table table, string what, IReadOnlyList<TraceEvent> events)
    {
        IEnumerable<IGrouping<string, TraceEvent>> sums = events
            .Where(e => e.Tid == RankTrace.SumRow)
            .GroupBy(e => e.Name);
        foreach (IGrouping<string, TraceEvent> bucket in sums)
        {
            table.Add(
                $"{what}, {bucket.Key}",
                (bucket.First().Args.Bytes / 1e6).ToString("0.00", CultureInfo.InvariantCulture),
                bucket.Average(e => e.Dur / 1000).ToString("0.0", CultureInfo.InvariantCulture),
                (100 * Overlap.Share([.. bucket], events)).ToString("0", CultureInfo.InvariantCulture) + " %"
            );
        }
    }
}
