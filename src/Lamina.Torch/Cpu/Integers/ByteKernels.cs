namespace Lamina.Torch.Cpu;

/// <summary>A product of bytes and signed bytes, prepared for one layer's weights.</summary>
internal interface IByteProduct : IDisposable
{
    /// <summary>Computes the outputs as bytes or float32, sum · multiplier + offset, which the caller owns.</summary>
    /// <param name="x">Bytes: images (N, H, W, C) for a convolution, else rows (N, in).</param>
    Tensor Run(Tensor x);
}

/// <summary>The conversion of the exact sums of a product of bytes to its outputs.</summary>
/// <param name="Multiplier">The multiplier of each output.</param>
/// <param name="Offset">The offset of each output.</param>
/// <param name="Type">Bytes or float32.</param>
/// <param name="Relu"><see langword="true"/> to replace negative float32 values by 0.</param>
internal sealed record ByteOutputs(float[] Multiplier, float[] Offset, DType Type, bool Relu);

/// <summary>
/// Products of bytes by loops of 16-bit multiplications, for processors on which libtorch has no exact ones. Sums are exact;
/// outputs as bytes are rounded to the nearest, ties to even, and saturate.
/// </summary>
internal abstract class ByteKernels
{
    private static ByteKernels? s_instance;

    /// <summary>The kernels for this process, for vectors of the width that the processor has.</summary>
    public static ByteKernels Instance =>
        s_instance ??= Of(VectorWidth.Choose(Environment.GetEnvironmentVariable(VectorWidth.Variable)));

    /// <summary>Returns the kernels for vectors of this many bits.</summary>
    public static ByteKernels Of(int bits) =>
        bits switch
        {
            512 => new ByteKernels<Integers512>(),
            256 => new ByteKernels<Integers256>(),
            _ => new ByteKernels<Integers128>(),
        };

    /// <summary>Prepares a convolution.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="weights">The kernels, (filters, kh, kw, C / groups).</param>
    /// <param name="outputs">The outputs.</param>
    public abstract IByteProduct Convolution(in ByteConvolutionShape shape, sbyte[] weights, ByteOutputs outputs);

    /// <summary>Prepares a matrix product.</summary>
    /// <param name="weights">The weights, (out, in).</param>
    /// <param name="outputs">The outputs.</param>
    public abstract IByteProduct Linear(sbyte[] weights, ByteOutputs outputs);
}

/// <inheritdoc/>
internal sealed class ByteKernels<TVector> : ByteKernels
    where TVector : unmanaged, IIntegers<TVector>
{
    // From this number of output pixels on, the saved products outweigh the larger kernel, as for float32.
    private const long FewestPixels = 48;

    /// <inheritdoc/>
    public override IByteProduct Convolution(in ByteConvolutionShape shape, sbyte[] weights, ByteOutputs outputs) =>
        new ConvolutionProduct(shape, weights, Scale(outputs, shape.GroupFilters));

    /// <inheritdoc/>
    public override IByteProduct Linear(sbyte[] weights, ByteOutputs outputs)
    {
        int count = outputs.Multiplier.Length;
        return new LinearProduct(new ByteMatrix(weights, weights.Length / count, count), Scale(outputs, count));
    }

    private static SumScale<TVector> Scale(ByteOutputs outputs, int group) =>
        new(outputs.Multiplier, outputs.Offset, group, outputs.Type, outputs.Relu);

    // Either algorithm packs the weights when a batch of its size is first computed.
    private sealed class ConvolutionProduct(ByteConvolutionShape shape, sbyte[] weights, SumScale<TVector> scale)
        : IByteProduct
    {
        private readonly Lazy<ByteConvolution<TVector>> _direct = new(() =>
            new DirectByteConvolution<TVector>(shape, weights)
        );
        private readonly Lazy<ByteConvolution<TVector>?> _winograd = new(() =>
            WinogradByteConvolution<TVector>.For(shape, weights)
        );

        public Tensor Run(Tensor x)
        {
            bool pays = x.Sizes[0] * shape.Output.Height * shape.Output.Width >= FewestPixels;
            return ((pays ? _winograd.Value : null) ?? _direct.Value).Run(x, scale);
        }

        public void Dispose() { }
    }

    private sealed class LinearProduct(ByteMatrix weights, SumScale<TVector> scale) : IByteProduct
    {
        public Tensor Run(Tensor x) => ByteLinear<TVector>.Run(x, weights, scale);

        public void Dispose() => weights.Dispose();
    }
}
