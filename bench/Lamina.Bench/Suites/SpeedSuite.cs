using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>Training or inference of the family's models, beside the peers and the machine's matrix product.</summary>
internal sealed class SpeedSuite(string kind, string description, int[] standardBatches) : Suite(kind, description)
{
    private const double KiloByte = 1.0 / 1024;

    private static readonly string s_own = PeerCatalog.Lamina.Title;

    private readonly TrainingCheck _trainings = new();

    public static SpeedSuite Training() =>
        new(PeerRequest.Train, "Whole training steps: forward, loss, backward, update.", [1, 32, 128]);

    public static SpeedSuite Inference() => new(PeerRequest.Infer, "Predictions of whole batches.", [1, 8, 32, 128]);

    private Peer[] Peers(SuiteContext context) =>
        [.. PeerCatalog.Of([.. context.Settings.Peers]).Where(p => p.Does(Name))];

    public override IReadOnlyList<Workload> Workloads(SuiteContext context) =>
        [
            .. context.Models.SelectMany(m =>
                (context.Batches ?? standardBatches).Select(b => WorkloadOf(context, m, b))
            ),
        ];

    private Workload WorkloadOf(SuiteContext context, string model, int batch)
    {
        Peer[] peers = Peers(context);
        var request = new PeerRequest
        {
            Kind = Name,
            Folder = context.ModelFolder(model, context.Input),
            Batch = batch,
        };
        return new Workload(
            NameOf(model, batch),
            // The yardstick stands on both sides of Lamina's turn.
            [MachineWork.Product, s_own, MachineWork.Product, .. peers.Select(p => p.Title).Where(t => t != s_own)],
            [MachineSuite.Product(), .. peers.Select(p => Contender(context, p, request))]
        )
        {
            Prepare = () => context.Write(model, context.Input),
            Check = (ready, result, cancellation) =>
                Name == PeerRequest.Train
                    ? _trainings.RunAsync(context, peers, request, result, cancellation)
                    : CompareAsync(context, peers, ready, result, request, cancellation),
        };
    }

    private string NameOf(string model, int batch) => $"{Name} {model} {batch}";

    public static WorkerContender Contender(SuiteContext context, Peer peer, PeerRequest request) =>
        new(peer.Title, () => context.Peers.CommandOf(peer), request with { Variant = peer.Variant });

    private static async Task CompareAsync(
        SuiteContext context,
        Peer[] peers,
        IReadOnlyList<IContender> ready,
        WorkloadResult result,
        PeerRequest request,
        CancellationToken cancellation
    )
    {
        int classes = PeerModel.Load(request.Folder).Classes;
        double[]? expected = null;
        foreach (Peer peer in peers)
        {
            if (ready.FirstOrDefault(c => c.Name == peer.Title) is not WorkerContender contender)
            {
                continue;
            }
            float[] output = await contender.OutputAsync(cancellation).ConfigureAwait(false);
            double[] actual = Agreement.Logits(output, classes);
            expected ??= actual;
            double error = Agreement.Distance(expected, actual);
            result.Errors[peer.Title] = error;
            if (peer.IsExact && error > Agreement.Tolerance)
            {
                result.Failures[peer.Title] = $"its outputs differ from Lamina's by {error:0.0e+0}";
                context.Progress.WriteLine($"{result.Name}: {peer.Title}: {result.Failures[peer.Title]}");
            }
        }
    }

    public override IReadOnlyList<Table> Tables(SuiteContext context, IReadOnlyList<WorkloadResult> results)
    {
        string[] titles = [.. Peers(context).Select(p => p.Title)];
        (string Title, string Fast, string Slow)[] pairs = [.. Pairs(Peers(context))];
        string what = Name == PeerRequest.Train ? "Training" : "Inference";
        var speed = new Table($"{Name}-speed", $"{what}, images a second.", ["model, batch", .. titles]);
        var ratios = new Table(
            $"{Name}-ratios",
            $"{what}: Lamina's share of sgemm's rate (by the direct algorithm's arithmetic), and rates by rates.",
            [
                "model, batch",
                "of sgemm",
                .. pairs.Select(p => p.Title),
                .. pairs.Select(p => $"processor time, {p.Slow} ÷ {p.Fast}"),
            ]
        );
        var memory = new Table(
            $"{Name}-memory",
            $"{what}: the most resident memory of each process, MB; Lamina's page faults and managed allocation a run.",
            ["model, batch", .. titles, "page faults", "managed KB"]
        );
        foreach (WorkloadResult result in results.Where(r => r.Rounds.Count > 0))
        {
            string row = result.Name[(Name.Length + 1)..].Replace(" ", ", ", StringComparison.Ordinal);
            string model = row.Split(',')[0];
            speed.Add([row, .. titles.Select(t => Cells.Rate(result, t))]);
            ratios.Add([
                row,
                Share(result, model, context.Input),
                .. pairs.Select(p => Cells.Speedup(result, p.Fast, p.Slow)),
                .. pairs.Select(p => Cells.ProcessorRatio(result, p.Slow, p.Fast)),
            ]);
            memory.Add([
                row,
                .. titles.Select(t => result.Has(t) ? Cells.Megabytes(result.PeakBytes(t)) : Cells.Missing),
                PerRun(result, r => r.PageFaults),
                PerRun(result, r => r.AllocatedBytes * KiloByte),
            ]);
        }
        speed.NoteFailures(results);
        NoteErrors(speed, results);
        return [speed, ratios, memory];
    }

    // Others' rivals by them, and Lamina's other ways by Lamina; where a rival is not measured, Lamina takes its place.
    private static IEnumerable<(string Title, string Fast, string Slow)> Pairs(Peer[] peers)
    {
        foreach (Peer peer in peers.Where(p => p != PeerCatalog.Lamina))
        {
            Peer rival = peers.FirstOrDefault(p => p.Name == peer.Rival, PeerCatalog.Lamina);
            bool isOwn = PeerCatalog.IsOwn(peer);
            (string fast, string slow) = isOwn ? (peer.Title, rival.Title) : (rival.Title, peer.Title);
            yield return ($"{fast} ÷ {slow}", fast, slow);
        }
    }

    private string Share(WorkloadResult result, string model, int input)
    {
        if (!result.Has(s_own) || !result.Has(MachineWork.Product))
        {
            return Cells.Missing;
        }
        double flops = Arithmetic.FlopsOf(model, input, Name == PeerRequest.Train);
        Spread share = Spread.OfRatios(
            result.Of(s_own, r => WorkloadResult.RateOf(r) * flops),
            result.Of(MachineWork.Product, WorkloadResult.RateOf)
        );
        return share.ToText("0", 100) + " %";
    }

    private static string PerRun(WorkloadResult result, Func<PeerReply, double> figure) =>
        result.Has(s_own) ? Spread.Of(result.Of(s_own, r => figure(r) / r.Runs)).ToText("#,0") : Cells.Missing;

    private void NoteErrors(Table table, IReadOnlyList<WorkloadResult> results)
    {
        IEnumerable<string> errors = results
            .SelectMany(r => r.Errors)
            .Where(e => e.Key != s_own)
            .GroupBy(e => e.Key, e => e.Value)
            .Select(g => FormattableString.Invariant($"{g.Key} {g.Max():0.0e+0}"));
        string all = string.Join(", ", errors);
        if (all.Length > 0)
        {
            string what = Name == PeerRequest.Train ? "what some steps change in the logits was" : "the logits were";
            table.Note(
                $"Before anything was timed, {what} compared with Lamina's; the greatest relative distances: {all}."
            );
        }
    }
}
