namespace Lamina.Torch;

/// <summary>
/// What a plan does, in order, for any batch size: made of the graph alone, so that memory can be computed where no engine
/// is loaded.
/// </summary>
internal sealed class PlanProgram
{
    /// <summary>Compiles the ops between inputs and targets.</summary>
    /// <param name="inputs">What is fed.</param>
    /// <param name="targets">What is computed.</param>
    /// <param name="training">Whether backward follows forward.</param>
    /// <param name="device">The device that will run it.</param>
    /// <param name="segments">
    /// The first steps of the segments, from 0 up, of which only the borders are kept from forward to backward;
    /// <see langword="null"/> to keep all that backward reads.
    /// </param>
    /// <param name="precision">How dense kernels are kept for inference on a CPU.</param>
    public PlanProgram(
        IReadOnlyList<Symbol> inputs,
        IReadOnlyList<Symbol> targets,
        bool training,
        Device device,
        IReadOnlyList<int>? segments = null,
        WeightPrecision precision = WeightPrecision.Float32
    )
        : this(new OpGraph(inputs, targets), training, device, segments, precision) { }

    /// <summary>Compiles a graph.</summary>
    public PlanProgram(
        OpGraph graph,
        bool training,
        Device device,
        IReadOnlyList<int>? segments = null,
        WeightPrecision precision = WeightPrecision.Float32
    )
    {
        (Graph, Training, Device, Segments) = (graph, training, device, segments ?? [0]);
        Steps = PlanCompiler.Compile(graph, training, device, Segments, precision);
        Actions = PlanSchedule.Build(graph, Steps, training, Segments);
        Delivery = Array.FindIndex(Actions, a => a.Kind == PlanActionKind.Deliver);
    }

    public OpGraph Graph { get; }

    public bool Training { get; }

    /// <summary>The device whose kernels the steps have.</summary>
    public Device Device { get; }

    /// <summary>The first steps of the segments.</summary>
    public IReadOnlyList<int> Segments { get; }

    /// <summary>The steps, in the order of forward.</summary>
    public PlanStep[] Steps { get; }

    /// <summary>All that is done: forward up to and with <see cref="Delivery"/>, then backward.</summary>
    public PlanAction[] Actions { get; }

    /// <summary>Where the targets are handed out.</summary>
    public int Delivery { get; }
}
