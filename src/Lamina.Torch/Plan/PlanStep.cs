using Lamina.Torch.Kernels;

namespace Lamina.Torch;

/// <summary>A kernel of a plan, with the plan's decisions about it.</summary>
internal sealed record PlanStep
{
    /// <summary>The kernel.</summary>
    public required Kernel Kernel { get; init; }

    /// <summary>The slot of the output.</summary>
    public required int Slot { get; init; }

    /// <summary>The slots of the inputs.</summary>
    public required int[] Inputs { get; init; }

    /// <summary><see langword="true"/> if the output may reuse the memory of input 0.</summary>
    public required bool Overwrites { get; init; }

    /// <summary>The flags of inputs whose gradients are wanted.</summary>
    public required bool[] Wanted { get; init; }

    /// <summary>The weights whose gradients are final after this step's backward.</summary>
    public int[] FinishedParameters { get; set; } = [];
}
