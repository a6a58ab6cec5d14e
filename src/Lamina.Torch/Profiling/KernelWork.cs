using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>Counts what a kernel computes and moves, from its op.</summary>
internal static class KernelWork
{
    /// <summary>Returns a kernel's row of a profile, without its time.</summary>
    public static KernelTime Describe(StepPart part, PlanStep step, int batch)
    {
        Kernel kernel = step.Kernel;
        bool forward = part is StepPart.Forward or StepPart.Recompute;
        return new KernelTime(
            part,
            kernel.Node.Layer?.Name ?? "loss",
            kernel.Node.Op is ActivationOp { Kind: var kind } ? Lower(kind.ToString()) : kernel.Node.Op.Name,
            forward ? kernel.Algorithm : kernel.BackwardAlgorithm,
            default,
            Flops(step, forward, batch),
            kernel.IsView ? 0
                : forward ? ForwardBytes(kernel, batch)
                : BackwardBytes(step, batch)
        );
    }

    // Each of the two gradients of a product is a product of the same size.
    private static long Flops(PlanStep step, bool forward, int batch)
    {
        long once = 2 * step.Kernel.Nodes.Sum(ModelCost.MultiplyAddsOf) * batch;
        return forward || once == 0 ? once : once * step.Wanted.Take(2).Count(w => w);
    }

    // What passes between the nodes of one kernel is not moved.
    private static long ForwardBytes(Kernel kernel, int batch) =>
        SymbolBytes.Of(kernel.Node.Output, batch)
        + kernel
            .Nodes.SelectMany((node, i) => i == 0 ? node.Inputs : node.Inputs.Skip(1))
            .Sum(input => SymbolBytes.Of(input, batch));

    private static long BackwardBytes(PlanStep step, int batch)
    {
        OpNode node = step.Kernel.Node;
        long bytes = SymbolBytes.Of(node.Output, batch) * (step.Kernel.BackwardReadsOutput ? 2 : 1);
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            long input = SymbolBytes.Of(node.Inputs[i], batch);
            bytes += step.Kernel.BackwardReadsInput(i) ? input : 0;
            bytes += step.Wanted[i] ? input : 0;
        }
        return bytes;
    }

    private static string Lower(string kind) => char.ToLowerInvariant(kind[0]) + kind[1..];
}
