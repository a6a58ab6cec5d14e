using Lamina.Torch.Kernels;

namespace Lamina.Torch;

/// <summary>One kernel of a plan, with what the plan decided about it.</summary>
internal sealed record PlanStep
{
    /// <summary>The kernel.</summary>
    public required Kernel Kernel { get; init; }

    /// <summary>Where the output goes.</summary>
    public required int Slot { get; init; }

    /// <summary>What is read.</summary>
    public required int[] Inputs { get; init; }

    /// <summary>Whether the output may take input 0's memory.</summary>
    public required bool Overwrites { get; init; }

    /// <summary>Which inputs' gradients are wanted.</summary>
    public required bool[] Wanted { get; init; }

    /// <summary>Weights whose gradients are final after this step's backward.</summary>
    public int[] FinishedParameters { get; set; } = [];
}
