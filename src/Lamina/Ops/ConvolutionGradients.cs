namespace Lamina;

/// <summary>Gradients of convolutions by images and biases, in ops: each kind is the other's transposition.</summary>
internal static class ConvolutionGradients
{
    public static Symbol?[] Of(ConvolutionOp op, Symbol[] x, Symbol g)
    {
        Shape images = x[0].Shape;
        Shape kernel = x[1].Shape;
        // What the windows do not cover is below and to the right; a negative crop adds it.
        var crops = new Pads2(
            op.Pads.Top,
            Full(g.Shape[1], kernel[0], op.Strides.Height, op.Dilation.Height) - op.Pads.Top - images[1]!.Value,
            op.Pads.Left,
            Full(g.Shape[2], kernel[1], op.Strides.Width, op.Dilation.Width) - op.Pads.Left - images[2]!.Value
        );
        int filters = kernel[3]!.Value / op.Groups;
        Symbol[] groups = new Symbol[op.Groups];
        for (int i = 0; i < groups.Length; i++)
        {
            bool isAll = groups.Length == 1;
            Symbol part = isAll ? g : Ops.Slice(g, 3, i * filters, filters);
            Symbol taps = isAll ? x[1] : Ops.Slice(x[1], 3, i * filters, filters);
            groups[i] = Ops.ConvolutionTranspose(part, taps, null, op.Strides, crops, op.Dilation);
        }
        return WithBias(groups.Length == 1 ? groups[0] : Ops.Concat(groups, 3), x, g);
    }

    public static Symbol?[] Of(ConvolutionTransposeOp op, Symbol[] x, Symbol g)
    {
        Pads2 crops = op.Crops;
        // Pixels without a window have no gradient to pass.
        Symbol covered = g;
        covered = crops.Bottom < 0 ? Ops.Slice(covered, 1, 0, g.Shape[1]!.Value + crops.Bottom) : covered;
        covered = crops.Right < 0 ? Ops.Slice(covered, 2, 0, g.Shape[2]!.Value + crops.Right) : covered;
        var pads = new Pads2(crops.Top, Math.Max(0, crops.Bottom), crops.Left, Math.Max(0, crops.Right));
        return WithBias(Ops.Convolution(covered, x[1], null, op.Strides, pads, op.Dilation), x, g);
    }

    private static Symbol?[] WithBias(Symbol images, Symbol[] x, Symbol g) =>
        x.Length < 3 ? [images, null] : [images, null, Ops.Sum(g, [0, 1, 2])];

    private static int Full(int? windows, int? taps, int stride, int dilation) =>
        ((windows!.Value - 1) * stride) + ((taps!.Value - 1) * dilation) + 1;
}
