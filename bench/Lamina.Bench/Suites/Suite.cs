namespace Lamina.Bench;

/// <summary>A subject of measurement: a subcommand, with its workloads and tables.</summary>
internal abstract class Suite(string name, string description)
{
    public string Name => name;

    public string Description => description;

    /// <summary>The keys of the page that its tables fill.</summary>
    public abstract IReadOnlyList<Workload> Workloads(SuiteContext context);

    /// <summary>The tables of what was measured, which may be less than all.</summary>
    public abstract IReadOnlyList<Table> Tables(SuiteContext context, IReadOnlyList<WorkloadResult> results);
}
