using System.Globalization;
using Lamina.Bench.Peers;
using Lamina.Torch.Cpu;

namespace Lamina.Bench;

/// <summary>
/// The model of cost by which convolutions are chosen: estimated and measured times, what the choice costs beside the faster
/// algorithm, and the rates that fit the measurements best.
/// </summary>
internal sealed class ConvolutionsSuite()
    : Suite("convolutions", "The times of convolutions, estimated and measured, and the rates that fit this processor.")
{
    private static readonly int[] s_batches = [1, 32];
    private static readonly string[] s_algorithms = [ConvolutionWork.Direct, ConvolutionWork.Winograd];

    private static string NameOf(ConvolutionLayer layer, int batch) => $"{layer.Name}, {batch}";

    private static IEnumerable<(ConvolutionLayer Layer, int Batch)> Points(SuiteContext context) =>
        from layer in ConvolutionLayer.All
        from batch in context.Batches ?? s_batches
        select (layer, batch);

    public override IReadOnlyList<Workload> Workloads(SuiteContext context) =>
        [
            .. Points(context)
                .Select(p => new Workload(
                    NameOf(p.Layer, p.Batch),
                    s_algorithms,
                    [.. s_algorithms.Select(a => ContenderOf(p.Layer, p.Batch, a))]
                )),
        ];

    private static WorkerContender ContenderOf(ConvolutionLayer layer, int batch, string algorithm) =>
        new(
            algorithm,
            () => PeerCommand.Own,
            new PeerRequest
            {
                Kind = ConvolutionWork.Kind,
                Batch = batch,
                Variant = $"{layer.Name}|{algorithm}",
            }
        );

    public override IReadOnlyList<Table> Tables(SuiteContext context, IReadOnlyList<WorkloadResult> results) =>
        [Floats256.IsAccelerated ? TableOf<Floats256>(context, results) : TableOf<Floats128>(context, results)];

    private static Table TableOf<TVector>(SuiteContext context, IReadOnlyList<WorkloadResult> results)
        where TVector : unmanaged, IFloats<TVector>
    {
        var table = new Table(
            "convolutions",
            $"Convolutions in inference at {TVector.Count * 32} bits, ms of processor time of one thread, and what the chosen "
                + "algorithm takes beside the faster one.",
            "layer, batch",
            "direct",
            "estimated",
            "Winograd",
            "estimated",
            "chosen",
            "÷ faster"
        );
        List<CostSample> samples = [];
        foreach ((ConvolutionLayer layer, int batch) in Points(context))
        {
            if (
                results.FirstOrDefault(r => r.Name == NameOf(layer, batch)) is { } result
                && s_algorithms.All(result.Has)
            )
            {
                ConvolutionChoice<TVector> choice = layer.Choice<TVector>();
                table.Add(Row(choice, layer, batch, result, samples));
            }
        }
        if (samples.Count > 0)
        {
            ConvolutionCosts fitted = CostFit.Of(samples, TVector.Count);
            table.Note(
                $"Rates in use: `{ConvolutionCosts.OfProcess}`. Rates that fit these times best: "
                    + $"`{ConvolutionCosts.Variable}={fitted}`."
            );
        }
        table.NoteFailures(results);
        return table;
    }

    private static string[] Row<TVector>(
        ConvolutionChoice<TVector> choice,
        ConvolutionLayer layer,
        int batch,
        WorkloadResult result,
        List<CostSample> samples
    )
        where TVector : unmanaged, IFloats<TVector>
    {
        var cells = new List<string> { NameOf(layer, batch) };
        var least = new Dictionary<ConvolutionAlgorithm, double>();
        foreach (string name in s_algorithms)
        {
            ConvolutionAlgorithm algorithm = ConvolutionLayer.Of(choice, name);
            Spread measured = Spread.Of(result.Of(name, r => r.ProcessorSeconds / r.Runs));
            // Other work only adds time.
            least[algorithm] = measured.Lowest;
            (double products, double transforms) = choice.Work(algorithm, batch);
            samples.Add(new CostSample(products, transforms, algorithm.PackedBytes, measured.Lowest));
            cells.Add(measured.ToText("0.00", 1000));
            cells.Add(
                (choice.Estimate(algorithm, batch, threads: 1) * 1000).ToString("0.00", CultureInfo.InvariantCulture)
            );
        }
        ConvolutionAlgorithm chosen = choice.For(batch)!;
        cells.Add(
            chosen == ConvolutionLayer.Of(choice, ConvolutionWork.Winograd)
                ? ConvolutionWork.Winograd
                : ConvolutionWork.Direct
        );
        cells.Add((least[chosen] / least.Values.Min()).ToString("0.00", CultureInfo.InvariantCulture) + "×");
        return [.. cells];
    }
}
