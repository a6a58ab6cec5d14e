namespace Lamina.Torch.Tests;

/// <summary>The vector widths that the CPU's loops are compiled for.</summary>
internal static class VectorWidths
{
    /// <summary>
    /// All widths. Loops run at each of them anywhere: .NET emulates vectors that the processor does not have.
    /// </summary>
    public static readonly int[] All = [128, 256, 512];

    /// <summary>The widths for which the processor has instructions; kernels are made of these.</summary>
    public static readonly int[] Accelerated = [.. All.Where(bits => bits <= VectorWidth.Widest)];

    /// <summary>Returns the CPU's kernels at a width.</summary>
    public static KernelFactory Kernels(int bits) =>
        bits switch
        {
            512 => CpuKernels<Floats512>.Instance,
            256 => CpuKernels<Floats256>.Instance,
            _ => CpuKernels<Floats128>.Instance,
        };

    /// <summary>Runs a test at every width.</summary>
    public static void Run(IWidthTest test)
    {
        test.Run<Floats128>();
        test.Run<Floats256>();
        test.Run<Floats512>();
    }
}

/// <summary>A test of a loop, for vectors of any width.</summary>
internal interface IWidthTest
{
    /// <summary>Runs the test.</summary>
    void Run<TVector>()
        where TVector : unmanaged, IFloats<TVector>;
}
