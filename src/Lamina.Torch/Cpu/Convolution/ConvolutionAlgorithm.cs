namespace Lamina.Torch.Cpu;

/// <summary>
/// An algorithm for convolutions of float32 images on the CPU, for those where it is faster than libtorch. Images are
/// (N, H, W, C), kernels (filters, kh, kw, C / groups).
/// </summary>
internal abstract class ConvolutionAlgorithm
{
    /// <summary>
    /// The AppContext switch that leaves all convolutions to libtorch, in plans that are compiled afterwards.
    /// </summary>
    public const string OffSwitch = "Lamina.DirectConvolution";

    /// <summary>The name of the algorithm in a profile.</summary>
    public abstract string Name { get; }

    /// <summary>The size of a packed kernel in bytes.</summary>
    public abstract long PackedBytes { get; }

    /// <summary>
    /// <see langword="true"/> if <see cref="InputGradient"/> is supported; otherwise libtorch computes it.
    /// </summary>
    public abstract bool GivesInputGradient { get; }

    /// <summary>The algorithm by rows; <see langword="null"/> if it needs whole images.</summary>
    public virtual IRowAlgorithm? Rows => null;

    /// <summary>
    /// Returns <see langword="true"/> if the processor has these vectors, and the switch is not set.
    /// </summary>
    public static bool IsUsed<TVector>()
        where TVector : unmanaged, IFloats<TVector> =>
        TVector.IsAccelerated && !(AppContext.TryGetSwitch(OffSwitch, out bool off) && off);

    /// <summary>Returns the algorithm for a convolution, or <see langword="null"/>.</summary>
    /// <param name="op">The convolution.</param>
    /// <param name="input">Its input, (N, H, W, C).</param>
    /// <param name="kernel">Its kernel, (kh, kw, C / groups, filters).</param>
    /// <param name="output">Its output, (N, H′, W′, filters).</param>
    /// <typeparam name="TVector">The vectors.</typeparam>
    public static ConvolutionAlgorithm? For<TVector>(ConvolutionOp op, Shape input, Shape kernel, Shape output)
        where TVector : unmanaged, IFloats<TVector> =>
        !IsUsed<TVector>()
            ? null
            : (ConvolutionAlgorithm?)WinogradConvolution<TVector>.For(op, input, kernel, output)
                ?? PatchConvolution<TVector>.For(op, input, kernel, output);

    /// <summary>Returns <see langword="true"/> if this is faster than libtorch for this number of images.</summary>
    public abstract bool Pays(long batch, bool training);

    /// <summary>Returns the bytes of working memory of <see cref="WeightGradient"/>.</summary>
    public abstract long WeightGradientBytes(int batch);

    /// <summary>Returns the bytes of tensors that <see cref="Forward"/> uses beside its result.</summary>
    public virtual long ForwardBytes(int batch) => 0;

    /// <summary>Packs a kernel for <see cref="Forward"/>.</summary>
    public abstract Tensor PackForward(Tensor weight);

    /// <summary>Packs a kernel for <see cref="InputGradient"/>.</summary>
    public virtual Tensor PackBackward(Tensor weight) => throw new NotSupportedException();

    /// <summary>Computes the convolution's output.</summary>
    /// <param name="x">(N, H, W, C).</param>
    /// <param name="packed">The result of <see cref="PackForward"/>.</param>
    /// <param name="stage">The operations on each sum before it is written.</param>
    public abstract Tensor Forward(Tensor x, Tensor packed, in OutputStage stage);

    /// <summary>Computes the gradient of the input.</summary>
    /// <param name="gradient">The output's gradient, (N, H′, W′, filters).</param>
    /// <param name="packed">The result of <see cref="PackBackward"/>.</param>
    public virtual Tensor InputGradient(Tensor gradient, Tensor packed) => throw new NotSupportedException();

    /// <summary>Computes the gradient of the kernel.</summary>
    /// <param name="x">The input, (N, H, W, C).</param>
    /// <param name="gradient">The output's gradient, (N, H′, W′, filters).</param>
    public abstract Tensor WeightGradient(Tensor x, Tensor gradient);
}
