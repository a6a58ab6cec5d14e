using Lamina.Torch.Cpu;

namespace Lamina.Bench;

/// <summary>A convolution of the bench's models that both algorithms can compute, with padding "same".</summary>
/// <param name="Name">The model and the layer.</param>
/// <param name="Side">The height and width of the image.</param>
/// <param name="Window">The height and width of the kernel.</param>
/// <param name="Channels">The channels of the image.</param>
/// <param name="Filters">The filters.</param>
internal sealed record ConvolutionLayer(string Name, int Side, int Window, int Channels, int Filters)
{
    public static IReadOnlyList<ConvolutionLayer> All { get; } =
    [
        new("walkthrough 224, conv2d_1", 27, 5, 96, 256),
        new("walkthrough 224, conv2d_2", 13, 3, 256, 384),
        new("walkthrough 224, conv2d_3", 13, 3, 384, 384),
        new("walkthrough 64, conv2d_1", 7, 5, 96, 256),
        new("walkthrough 64, conv2d_3", 3, 3, 384, 384),
        new("resnet18 224, 64 filters", 56, 3, 64, 64),
        new("resnet18 224, 256 filters", 14, 3, 256, 256),
        new("resnet18 224, 512 filters", 7, 3, 512, 512),
        new("small 64, conv2d_1", 15, 3, 48, 128),
        new("small 64, conv2d_3", 7, 3, 192, 192),
    ];

    /// <summary>Returns what chooses, with the vectors of this process.</summary>
    public ConvolutionChoice<TVector> Choice<TVector>(ConvolutionCosts? costs = null)
        where TVector : unmanaged, IFloats<TVector>
    {
        int pad = Window / 2;
        return new(
            new ConvolutionOp(1, new Pads2(pad, pad, pad, pad), 1, 1),
            Shape.Of(1, Side, Side, Channels),
            Shape.Of(Window, Window, Channels, Filters),
            Shape.Of(1, Side, Side, Filters),
            costs
        );
    }

    /// <summary>Returns one of the algorithms, by its name in <see cref="ConvolutionWork"/>.</summary>
    public ConvolutionAlgorithm Algorithm(string name) =>
        Floats256.IsAccelerated ? Of(Choice<Floats256>(), name) : Of(Choice<Floats128>(), name);

    /// <summary>Returns the algorithm of that name.</summary>
    public static ConvolutionAlgorithm Of<TVector>(ConvolutionChoice<TVector> choice, string name)
        where TVector : unmanaged, IFloats<TVector> =>
        name == ConvolutionWork.Winograd
            ? choice.All.OfType<WinogradConvolution<TVector>>().Single()
            : choice.All.OfType<TileConvolution<TVector>>().Single();
}
