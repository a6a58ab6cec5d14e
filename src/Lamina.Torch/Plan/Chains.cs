using Lamina.Torch.Kernels;

namespace Lamina.Torch;

/// <summary>Joins steps of inference that a backend computes together.</summary>
internal static class Chains
{
    /// <summary>Replaces chains of steps by one step each, in the place of the last.</summary>
    /// <param name="graph">The ops.</param>
    /// <param name="kernels">The backend.</param>
    /// <param name="steps">The steps.</param>
    public static void Join(OpGraph graph, KernelFactory kernels, List<PlanStep> steps)
    {
        HashSet<int> targets = [.. graph.Targets];
        for (int first = 0; first < steps.Count; first++)
        {
            if (!kernels.CanFollow([], steps[first].Kernel))
            {
                continue;
            }
            List<PlanStep> chain = [steps[first]];
            while (Next(graph, kernels, targets, steps, chain) is { } next)
            {
                chain.Add(next);
            }
            if (
                chain.Count > 1
                && kernels.Join([.. chain.Select(s => s.Kernel)], [.. chain.Select(s => s.Inputs.Length)]) is { } kernel
            )
            {
                steps[steps.IndexOf(chain[^1])] = Joined(chain, kernel);
                steps.RemoveAll(s => chain.Contains(s));
                first--;
            }
        }
    }

    // The only reader of the chain's result, as its first input.
    private static PlanStep? Next(
        OpGraph graph,
        KernelFactory kernels,
        HashSet<int> targets,
        List<PlanStep> steps,
        List<PlanStep> chain
    )
    {
        int slot = chain[^1].Slot;
        if (targets.Contains(slot) || graph.Readers[slot].Count != 1)
        {
            return null;
        }
        PlanStep? next = steps.Find(s => s.Inputs.Length > 0 && s.Inputs[0] == slot);
        return next is not null && kernels.CanFollow([.. chain.Select(s => s.Kernel)], next.Kernel) ? next : null;
    }

    private static PlanStep Joined(List<PlanStep> chain, Kernel kernel)
    {
        int[] inputs = [.. chain[0].Inputs, .. chain.Skip(1).SelectMany(s => s.Inputs[1..])];
        return new PlanStep
        {
            Kernel = kernel,
            Slot = chain[^1].Slot,
            Inputs = inputs,
            Overwrites = false,
            Wanted = new bool[inputs.Length],
        };
    }
}
