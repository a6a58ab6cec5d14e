namespace Lamina.Torch;

/// <summary>
/// The actions of a plan in order, for any batch size. It depends only on the graph, so that memory can be computed
/// without loading the engine.
/// </summary>
internal sealed class PlanProgram
{
    /// <summary>Compiles the ops between inputs and targets.</summary>
    /// <param name="inputs">The symbols that are fed.</param>
    /// <param name="targets">The symbols that are computed.</param>
    /// <param name="training"><see langword="true"/> if backward follows forward.</param>
    /// <param name="device">The device that will run it.</param>
    /// <param name="segments">
    /// The first steps of the segments, from 0 up, of which only the borders are kept from forward to backward;
    /// <see langword="null"/> to keep everything that backward reads.
    /// </param>
    /// <param name="precision">The precision of dense kernels for inference on a CPU.</param>
    /// <param name="compute">The precision of the computation.</param>
    public PlanProgram(
        IReadOnlyList<Symbol> inputs,
        IReadOnlyList<Symbol> targets,
        bool training,
        Device device,
        IReadOnlyList<int>? segments = null,
        WeightPrecision precision = WeightPrecision.Float32,
        ComputePrecision compute = ComputePrecision.Float32
    )
        : this(new OpGraph(inputs, targets, training), training, device, segments, precision, compute) { }

    /// <summary>Compiles a graph.</summary>
    public PlanProgram(
        OpGraph graph,
        bool training,
        Device device,
        IReadOnlyList<int>? segments = null,
        WeightPrecision precision = WeightPrecision.Float32,
        ComputePrecision compute = ComputePrecision.Float32
    )
    {
        (Graph, Training, Device, Segments, Precision) = (graph, training, device, segments ?? [0], compute);
        Steps = PlanCompiler.Compile(graph, training, device, Segments, precision, compute);
        Actions = PlanSchedule.Build(graph, Steps, training, Segments);
        Delivery = Array.FindIndex(Actions, a => a.Kind == PlanActionKind.Deliver);
    }

    public OpGraph Graph { get; }

    public bool Training { get; }

    /// <summary>The device whose kernels the steps have.</summary>
    public Device Device { get; }

    /// <summary>The precision of the computation.</summary>
    public ComputePrecision Precision { get; }

    /// <summary>The first steps of the segments.</summary>
    public IReadOnlyList<int> Segments { get; }

    /// <summary>The steps, in the order of forward.</summary>
    public PlanStep[] Steps { get; }

    /// <summary>The actions: forward up to and including <see cref="Delivery"/>, then backward.</summary>
    public PlanAction[] Actions { get; }

    /// <summary>The index of the action that hands over the results.</summary>
    public int Delivery { get; }
}
