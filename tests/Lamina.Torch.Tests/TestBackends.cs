namespace Lamina.Torch.Tests;

/// <summary>A factory of kernels that any machine can run, with its name for messages.</summary>
internal sealed record TestBackend(string Name, KernelFactory Kernels)
{
    /// <summary>The CPU's kernels at each vector width that the processor has, and the dispatcher's.</summary>
    public static readonly TestBackend[] All =
    [
        .. VectorWidths.Accelerated.Select(bits => new TestBackend($"{bits} bits", VectorWidths.Kernels(bits))),
        new("the dispatcher", DispatcherKernels.Instance),
    ];

    /// <inheritdoc/>
    public override string ToString() => Name;
}
