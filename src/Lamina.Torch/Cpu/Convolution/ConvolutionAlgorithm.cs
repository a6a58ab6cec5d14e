using System.Runtime.Intrinsics;

namespace Lamina.Torch.Cpu;

/// <summary>
/// An algorithm for convolutions of float32 images on the CPU, for those where it beats libtorch's. Images are (N, H, W, C),
/// kernels (filters, kh, kw, C / groups).
/// </summary>
internal abstract class ConvolutionAlgorithm
{
    /// <summary>The AppContext switch that leaves all convolutions to libtorch, in plans that are compiled from then on.</summary>
    public const string OffSwitch = "Lamina.DirectConvolution";

    /// <summary>Whether this machine has the vectors that make it fast, and nobody turned it off.</summary>
    public static bool IsUsed =>
        Vector512.IsHardwareAccelerated && !(AppContext.TryGetSwitch(OffSwitch, out bool off) && off);

    /// <summary>What it is called in a profile.</summary>
    public abstract string Name { get; }

    /// <summary>The bytes of a packed kernel.</summary>
    public abstract long PackedBytes { get; }

    /// <summary>Whether there is <see cref="InputGradient"/>; libtorch gives it otherwise.</summary>
    public abstract bool GivesInputGradient { get; }

    /// <summary>The algorithm that fits a convolution, or <see langword="null"/>.</summary>
    /// <param name="op">The convolution.</param>
    /// <param name="input">Its input, (N, H, W, C).</param>
    /// <param name="kernel">Its kernel, (kh, kw, C / groups, filters).</param>
    /// <param name="output">Its output, (N, H′, W′, filters).</param>
    public static ConvolutionAlgorithm? For(ConvolutionOp op, Shape input, Shape kernel, Shape output) =>
        !IsUsed
            ? null
            : (ConvolutionAlgorithm?)WinogradConvolution.For(op, input, kernel, output)
                ?? PatchConvolution.For(op, input, kernel, output);

    /// <summary>Whether this is faster than libtorch for so many images.</summary>
    public abstract bool Pays(long batch, bool training);

    /// <summary>The bytes that <see cref="WeightGradient"/> works in.</summary>
    public abstract long WeightGradientBytes(int batch);

    /// <summary>Packs a kernel for <see cref="Forward"/>.</summary>
    public abstract Tensor PackForward(Tensor weight);

    /// <summary>Packs a kernel for <see cref="InputGradient"/>.</summary>
    public virtual Tensor PackBackward(Tensor weight) => throw new NotSupportedException();

    /// <summary>The convolution's output.</summary>
    /// <param name="x">(N, H, W, C).</param>
    /// <param name="packed">What <see cref="PackForward"/> gave.</param>
    /// <param name="bias">(filters), or none.</param>
    /// <param name="relu">Whether negative outputs become 0.</param>
    public abstract Tensor Forward(Tensor x, Tensor packed, Tensor? bias, bool relu);

    /// <summary>The input's gradient.</summary>
    /// <param name="gradient">The output's gradient, (N, H′, W′, filters).</param>
    /// <param name="packed">What <see cref="PackBackward"/> gave.</param>
    public virtual Tensor InputGradient(Tensor gradient, Tensor packed) => throw new NotSupportedException();

    /// <summary>The kernel's gradient.</summary>
    /// <param name="x">The input, (N, H, W, C).</param>
    /// <param name="gradient">The output's gradient, (N, H′, W′, filters).</param>
    public abstract Tensor WeightGradient(Tensor x, Tensor gradient);
}
