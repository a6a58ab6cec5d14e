namespace Lamina.Torch.Kernels;

/// <summary>The backend's copies of images (N, H, W, C) that add or remove padding.</summary>
internal abstract class PaddingCopies
{
    /// <summary>The copies by libtorch's dispatcher, on any device.</summary>
    public static PaddingCopies ByDispatcher { get; } = new DispatcherPadding();

    /// <summary>Copies images with a constant around them.</summary>
    public abstract Tensor Pad(Tensor x, Pads2 pads, double value = 0);

    /// <summary>Copies the inner part of padded images.</summary>
    public abstract Tensor Crop(Tensor padded, Pads2 pads);

    /// <summary>Returns the sizes of the inner part of padded images.</summary>
    protected static long[] CroppedSizes(Tensor padded, Pads2 pads) =>
        [
            padded.Sizes[0],
            padded.Sizes[1] - pads.Top - pads.Bottom,
            padded.Sizes[2] - pads.Left - pads.Right,
            padded.Sizes[3],
        ];

    private sealed class DispatcherPadding : PaddingCopies
    {
        public override Tensor Pad(Tensor x, Pads2 pads, double value = 0) =>
            Layout.TakeContiguous(Aten.Pad(x, [0, 0, pads.Left, pads.Right, pads.Top, pads.Bottom], value));

        public override Tensor Crop(Tensor padded, Pads2 pads)
        {
            long offset = (pads.Top * padded.Strides[1]) + (pads.Left * padded.Strides[2]);
            return Layout.TakeOwn(padded.Restride(CroppedSizes(padded, pads), padded.Strides, offset), padded);
        }
    }
}
