using System.Globalization;
using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>How time and memory grow with the batch and with the images' size.</summary>
internal sealed class ScalingSuite()
    : Suite("scaling", "Time and memory over batches 1 to 512 and images of 64 to 448.")
{
    private const string Model = "walkthrough";
    private const int StandardInput = 224;
    private const int StandardBatch = 32;
    private const double LeaveFree = 0.1;

    private static readonly int[] s_batches = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
    private static readonly int[] s_inputs = [64, 96, 128, 160, 192, 224, 256, 320, 384, 448];
    private static readonly string s_own = PeerCatalog.Lamina.Title;

    private static IEnumerable<(string Series, int Input, int Batch)> Points(SuiteContext context) =>
        (context.Batches ?? s_batches)
            .Select(b => ("batch", StandardInput, b))
            .Concat(s_inputs.Select(i => ("input", i, StandardBatch)));

    private static string NameOf(string series, int input, int batch, string kind) =>
        $"scaling by {series} {input} {batch} {kind}";

    public override IReadOnlyList<Workload> Workloads(SuiteContext context) =>
        [
            .. Points(context)
                .SelectMany(p =>
                    new[] { PeerRequest.Train, PeerRequest.Infer }.Select(k =>
                        WorkloadOf(context, p.Series, p.Input, p.Batch, k)
                    )
                ),
        ];

    private static Workload WorkloadOf(SuiteContext context, string series, int input, int batch, string kind)
    {
        var request = new PeerRequest
        {
            Kind = kind,
            Folder = context.ModelFolder(Model, input),
            Batch = batch,
        };
        double needed = BytesNeeded(input, batch, kind == PeerRequest.Train);
        double free = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * (1 - LeaveFree);
        return new Workload(
            NameOf(series, input, batch, kind),
            [MachineWork.Product, s_own, MachineWork.Product],
            [MachineSuite.Product(), SpeedSuite.Contender(context, PeerCatalog.Lamina, request)]
        )
        {
            Prepare = () => context.Write(Model, input),
            Skip =
                needed > free
                    ? $"needs about {Cells.Megabytes(needed)} MB, and the machine has {Cells.Megabytes(free)} to give"
                    : "",
        };
    }

    // Weights, and in training gradients and momenta; the batch; activations, of which a training keeps all and then has
    // about as many gradients.
    private static double BytesNeeded(int input, int batch, bool training)
    {
        var cost = ModelCost.Of(Zoo.Build(Model, new ZooOptions { InputSize = input }));
        double weights = (training ? 4.0 : 2.0) * cost.Parameters * sizeof(float);
        double images = 2.0 * batch * input * input * 3 * sizeof(float);
        return weights + images + ((training ? 2.5 : 1.0) * batch * cost.ActivationBytes);
    }

    public override IReadOnlyList<Table> Tables(SuiteContext context, IReadOnlyList<WorkloadResult> results)
    {
        Table batches = TableOf("scaling-batch", $"{Model} at {StandardInput}×{StandardInput}, by batch.", "batch");
        Table inputs = TableOf("scaling-input", $"{Model}, batch {StandardBatch}, by the images' side.", "input");
        foreach ((string series, int input, int batch) in Points(context))
        {
            WorkloadResult? Find(string kind) =>
                results.FirstOrDefault(r => r.Name == NameOf(series, input, batch, kind));
            if (Find(PeerRequest.Train) is null && Find(PeerRequest.Infer) is null)
            {
                continue;
            }
            string first = (series == "batch" ? batch : input).ToString(CultureInfo.InvariantCulture);
            string[] cells =
            [
                .. Of(Find(PeerRequest.Train), input, true),
                .. Of(Find(PeerRequest.Infer), input, false),
            ];
            (series == "batch" ? batches : inputs).Add([first, .. cells]);
        }
        batches.NoteFailures(results.Where(r => r.Name.Contains("by batch", StringComparison.Ordinal)));
        inputs.NoteFailures(results.Where(r => r.Name.Contains("by input", StringComparison.Ordinal)));
        return [batches, inputs];
    }

    private static Table TableOf(string key, string caption, string first) =>
        new(
            key,
            caption,
            first,
            "step, ms",
            "ms an image",
            "of sgemm",
            "peak MB",
            "prediction, ms",
            "ms an image",
            "of sgemm",
            "peak MB"
        );

    private static string[] Of(WorkloadResult? result, int input, bool training)
    {
        if (result is null || !result.Has(s_own) || !result.Has(MachineWork.Product))
        {
            return [Cells.Missing, Cells.Missing, Cells.Missing, Cells.Missing];
        }
        double flops = Arithmetic.FlopsOf(Model, input, training);
        Spread time = Spread.Of(result.Of(s_own, r => r.Seconds / r.Runs));
        Spread each = Spread.Of(result.Of(s_own, r => 1 / WorkloadResult.RateOf(r)));
        Spread share = Spread.OfRatios(
            result.Of(s_own, r => WorkloadResult.RateOf(r) * flops),
            result.Of(MachineWork.Product, WorkloadResult.RateOf)
        );
        const string milliseconds = "#,0.0";
        return
        [
            time.ToText(milliseconds, 1000),
            (each.Median * 1000).ToString("0.00", CultureInfo.InvariantCulture),
            share.ToText("0", 100) + " %",
            Cells.Megabytes(result.PeakBytes(s_own)),
        ];
    }
}
