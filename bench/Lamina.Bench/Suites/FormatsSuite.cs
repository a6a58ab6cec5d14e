using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>Weights to and from files, beside PyTorch's own.</summary>
internal sealed class FormatsSuite() : Suite("formats", "Weights from files and to files.")
{
    private const string PyTorch = "pytorch";

    private bool _isWritten;

    public override IReadOnlyList<Workload> Workloads(SuiteContext context) =>
        [
            Of(context, FormatWork.PyTorchLoad, hasPeer: true),
            Of(context, FormatWork.PyTorchSave, hasPeer: true),
            Of(context, FormatWork.SafetensorsLoad, hasPeer: false),
            Of(context, FormatWork.SafetensorsSave, hasPeer: false),
        ];

    private Workload Of(SuiteContext context, string kind, bool hasPeer)
    {
        string folder = context.Folder("formats");
        IContender[] contenders =
        [
            .. PeerCatalog
                .Of(context.Settings.Peers)
                .Where(p => p == PeerCatalog.Lamina || (hasPeer && p.Name == PyTorch))
                .Select(p => new WorkerContender(
                    p.Name,
                    () => context.Peers.CommandOf(p),
                    new PeerRequest { Kind = kind, Folder = folder }
                )),
        ];
        return new Workload($"formats {kind}", [.. contenders.Select(c => c.Name)], contenders)
        {
            Prepare = () =>
            {
                if (!_isWritten)
                {
                    FormatWork.Write(folder);
                    _isWritten = true;
                    // The weights are in files now, and workers want the memory.
                    GC.Collect();
                }
            },
        };
    }

    public override IReadOnlyList<Table> Tables(SuiteContext context, IReadOnlyList<WorkloadResult> results)
    {
        var table = new Table(
            "formats",
            $"Weights of `{FormatWork.Member}`, 61 million, 233 MiB, seconds a file, files in memory already. Lamina puts them "
                + "into a model, in its layouts, checks the CRC-32 of .pth, and flushes what it saves to disk; torch.load and "
                + "torch.save do none of that.",
            "what",
            "Lamina",
            "PyTorch 1.13",
            "Lamina's peak, MiB"
        );
        foreach (WorkloadResult result in results.Where(r => r.Has(PeerCatalog.Lamina.Name)))
        {
            table.Add(
                result.Name[8..],
                Seconds(result, PeerCatalog.Lamina.Name),
                Seconds(result, PyTorch),
                Cells.Megabytes(result.PeakBytes(PeerCatalog.Lamina.Name))
            );
        }
        table.NoteFailures(results);
        return [table];
    }

    private static string Seconds(WorkloadResult result, string contender) =>
        result.Has(contender) ? Spread.Of(result.Of(contender, r => r.Seconds / r.Runs)).ToText("0.00") : Cells.Missing;
}
