namespace Lamina.Torch.Kernels;

/// <summary>The code that max and average pooling share.</summary>
internal static class PoolPadding
{
    /// <summary>
    /// Returns <see langword="true"/> if libtorch supports this padding in pooling: equal on both sides, at most half a
    /// window.
    /// </summary>
    public static bool IsNative(Size2 window, Pads2 pads) =>
        pads.IsSymmetric && pads.Top * 2 <= window.Height && pads.Left * 2 <= window.Width;

    /// <summary>
    /// Allocates the gradient of padded images, with the type, device and batch of the output's gradient.
    /// </summary>
    public static Tensor EmptyPadded(Symbol images, Pads2 pads, Tensor gradient)
    {
        Shape x = images.Shape;
        return Tensor.Empty(
            [
                gradient.Sizes[0],
                x[1]!.Value + pads.Top + pads.Bottom,
                x[2]!.Value + pads.Left + pads.Right,
                x[3]!.Value,
            ],
            gradient.DType,
            gradient.Device
        );
    }

    /// <summary>Returns the size of padded images in bytes.</summary>
    public static long PaddedBytes(Symbol images, Pads2 pads, int batch)
    {
        Shape x = images.Shape;
        long height = x[1]!.Value + pads.Top + pads.Bottom;
        long width = x[2]!.Value + pads.Left + pads.Right;
        return sizeof(float) * batch * height * width * x[3]!.Value;
    }

    /// <summary>Returns the gradient without its padding.</summary>
    /// <param name="padded">The padded gradient; disposed unless it is the result.</param>
    /// <param name="pads">The padding to remove.</param>
    /// <param name="padding">The backend's copies.</param>
    public static Tensor TakeCropped(Tensor padded, Pads2 pads, PaddingCopies padding)
    {
        if (pads == Pads2.None)
        {
            return padded;
        }
        using (padded)
        {
            return padding.Crop(padded, pads);
        }
    }
}
