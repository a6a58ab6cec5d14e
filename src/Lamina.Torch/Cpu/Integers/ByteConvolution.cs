namespace Lamina.Torch.Cpu;

/// <summary>The sizes of a convolution of bytes.</summary>
/// <param name="Op">The convolution; images are padded by bytes of 0.</param>
/// <param name="Kernel">The height and width of the window.</param>
/// <param name="Input">The height and width of the images, without padding.</param>
/// <param name="Channels">The channels of the images.</param>
/// <param name="Filters">The channels of the output.</param>
internal readonly record struct ByteConvolutionShape(
    ConvolutionOp Op,
    Size2 Kernel,
    Size2 Input,
    int Channels,
    int Filters
)
{
    /// <summary>The input channels of a group.</summary>
    public int GroupChannels => Channels / Op.Groups;

    /// <summary>The filters of a group.</summary>
    public int GroupFilters => Filters / Op.Groups;

    /// <summary>The height and width of the output.</summary>
    public Size2 Output =>
        (
            Length(Input.Height + Op.Pads.Top + Op.Pads.Bottom, Kernel.Height, Op.Dilation.Height, Op.Strides.Height),
            Length(Input.Width + Op.Pads.Left + Op.Pads.Right, Kernel.Width, Op.Dilation.Width, Op.Strides.Width)
        );

    private static int Length(int input, int window, int dilation, int stride) =>
        ((input - (dilation * (window - 1)) - 1) / stride) + 1;
}

/// <summary>A convolution of bytes with signed bytes, whose sums are exact.</summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal abstract class ByteConvolution<TVector>(in ByteConvolutionShape shape)
    where TVector : unmanaged, IIntegers<TVector>
{
    /// <summary>The sizes.</summary>
    protected ByteConvolutionShape Shape { get; } = shape;

    /// <summary>The number of panels of filters of a group.</summary>
    protected int GroupPanels =>
        (Shape.GroupFilters + PairBlock<TVector>.PanelWidth - 1) / PairBlock<TVector>.PanelWidth;

    /// <summary>Computes the output, (N, H′, W′, filters).</summary>
    /// <param name="x">The images, bytes, (N, H, W, C).</param>
    /// <param name="scale">The conversion of the sums.</param>
    public Tensor Run(Tensor x, SumScale<TVector> scale)
    {
        (int height, int width) = Shape.Output;
        Tensor y = Tensor.Empty([x.Sizes[0], height, width, Shape.Filters], scale.Type);
        if (y.Count > 0)
        {
            Compute(x, scale, y);
        }
        GC.KeepAlive(x);
        return y;
    }

    /// <summary>Computes the output.</summary>
    protected abstract void Compute(Tensor x, SumScale<TVector> scale, Tensor y);

    /// <summary>Returns the first filter of a panel; both are counted over all groups.</summary>
    protected int PanelStart(int panel)
    {
        (int group, int place) = Math.DivRem(panel, GroupPanels);
        return (group * Shape.GroupFilters) + (place * PairBlock<TVector>.PanelWidth);
    }

    /// <summary>Returns the number of filters of a panel.</summary>
    protected int PanelOutputs(int panel) =>
        Math.Min(
            PairBlock<TVector>.PanelWidth,
            Shape.GroupFilters - (panel % GroupPanels * PairBlock<TVector>.PanelWidth)
        );
}
