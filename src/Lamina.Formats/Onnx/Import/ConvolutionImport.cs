namespace Lamina;

/// <summary>Imports Conv as Conv2D, with the activation that follows it.</summary>
internal static class ConvolutionImport
{
    public static void Read(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        Symbol images = context.Images(x, node);
        OnnxTensor kernel = node.Constant(1);
        if (kernel.Dims is not [>= 1 and <= int.MaxValue, >= 1, >= 1 and <= int.MaxValue, >= 1 and <= int.MaxValue])
        {
            throw node.Error($"its kernel {kernel} is not (filters, channels, height, width)");
        }
        int filters = (int)kernel.Dims[0];
        int channels = checked((int)kernel.Dims[1]);
        var window = ImportedWindow.Read(node, images.Shape, new Size2((int)kernel.Dims[2], (int)kernel.Dims[3]));
        int groups = checked((int)node.Int("group", 1));
        if (groups < 1 || (long)channels * groups != images.Shape[3])
        {
            throw node.Error($"a kernel {kernel} in {groups} group(s) does not match {images.Shape[3]} channels");
        }
        OnnxTensor? bias = node.Has(2) ? Vector(node.Constant(2), filters, node) : null;
        string output = node.Outputs[0];
        string signature = $"{node.Signature} {window}";
        if (
            bias is null
            && LinearImport.BiasAfter(output, context, filters, [1, filters, 1, 1], [filters, 1, 1]) is { } after
        )
        {
            (bias, output) = after;
            signature += $" {bias}";
        }
        Activation activation = ActivationImport.After(ref output, context, isLast: axis => axis is 1 or -3);
        Symbol result = context.Shared(
            $"{signature} {activation.Name}",
            images,
            () =>
                new Conv2D(
                    filters,
                    window.Window,
                    window.Strides,
                    window.PaddingFor(images.Shape),
                    window.Dilation,
                    groups,
                    activation,
                    bias is not null,
                    name: context.LayerName(node)
                ),
            layer =>
            {
                float[] values = context.NewWeight(kernel.Count, node);
                WeightLayouts.ReadTransposed(kernel, filters, Places(channels, window.Window), values);
                ImportContext.SetWeight(layer, "kernel", values);
                if (bias is not null)
                {
                    float[] shift = context.NewWeight(filters, node);
                    bias.Read(shift);
                    ImportContext.SetWeight(layer, "bias", shift);
                }
            }
        );
        context.Set(output, ImportedValue.Of(result, [0, 3, 1, 2]));
    }

    /// <summary>Returns a vector with one value per channel.</summary>
    public static OnnxTensor Vector(OnnxTensor tensor, int count, ImportedNode node) =>
        tensor.Count == count && tensor.Dims.Count == 1 && tensor.IsReal
            ? tensor
            : throw node.Error($"needs {count} real values, one per channel, got {tensor}");

    // (channel, tap) of a filter in the file is (tap, channel) in Lamina.
    private static int[] Places(int channels, Size2 window)
    {
        int taps = checked(window.Height * window.Width);
        var places = new int[checked(channels * taps)];
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = ((i % taps) * channels) + (i / taps);
        }
        return places;
    }
}
