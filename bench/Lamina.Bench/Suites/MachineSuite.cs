using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>What the machine can do at most.</summary>
internal sealed class MachineSuite() : Suite("machine", "The machine's limits: matrix product, copy, bare arithmetic.")
{
    private const double Giga = 1e-9;

    private static readonly (string Kind, string Row)[] s_limits =
    [
        (MachineWork.Product, $"sgemm {ProductWork.Side}³ through libtorch, GFLOP/s"),
        (MachineWork.Fma, "fused multiply-adds in registers, GFLOP/s"),
        (MachineWork.Copy, "copy of 256 MB through libtorch, GB/s read and written"),
    ];

    /// <summary>The contender that other suites put beside theirs.</summary>
    public static WorkerContender Product() => ContenderOf(MachineWork.Product);

    public override IReadOnlyList<Workload> Workloads(SuiteContext context) =>
        [new Workload("machine", [.. s_limits.Select(l => l.Kind)], [.. s_limits.Select(l => ContenderOf(l.Kind))])];

    public override IReadOnlyList<Table> Tables(SuiteContext context, IReadOnlyList<WorkloadResult> results)
    {
        var table = new Table("machine", "The machine's limits.", "limit", "rate");
        foreach ((string kind, string row) in s_limits)
        {
            foreach (WorkloadResult result in results)
            {
                table.Add(row, Cells.Rate(result, kind, "0.#", Giga));
            }
        }
        table.NoteFailures(results);
        return [table];
    }

    private static WorkerContender ContenderOf(string kind) =>
        new(kind, () => PeerCommand.Own, new PeerRequest { Kind = kind });
}
