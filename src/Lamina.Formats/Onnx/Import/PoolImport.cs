namespace Lamina;

/// <summary>Imports MaxPool, AveragePool and their global forms.</summary>
internal static class PoolImport
{
    public static void Max(ImportedNode node, ImportContext context)
    {
        node.RequireOneOutput();
        node.Ignore("storage_order");
        Symbol images = context.Images(node.Tensor(0), node);
        var window = ImportedWindow.Read(node, images.Shape, null);
        RequireDense(window, node);
        Set(
            node,
            context,
            new MaxPool2D(
                window.Window,
                window.Strides,
                window.PaddingFor(images.Shape),
                context.LayerName(node)
            ).Apply(images)
        );
    }

    public static void Average(ImportedNode node, ImportContext context)
    {
        Symbol images = context.Images(node.Tensor(0), node);
        var window = ImportedWindow.Read(node, images.Shape, null);
        RequireDense(window, node);
        bool counted = node.Int("count_include_pad", 0) != 0 && window.Declared != Pads2.None;
        Padding padding = window.PaddingFor(images.Shape);
        if (counted)
        {
            // Zeros that count are pixels; what rounding up adds never counts.
            images = new ZeroPadding2D(window.Declared, context.LayerName(node, "_pad")).Apply(images);
            Pads2 p = window.Pads;
            padding = Padding.Explicit(0, p.Bottom - window.Declared.Bottom, 0, p.Right - window.Declared.Right);
        }
        Set(
            node,
            context,
            new AveragePooling2D(window.Window, window.Strides, padding, context.LayerName(node)).Apply(images)
        );
    }

    public static void GlobalAverage(ImportedNode node, ImportContext context)
    {
        Symbol images = context.Images(node.Tensor(0), node);
        Set(node, context, new GlobalAveragePooling2D(keepDims: true, context.LayerName(node)).Apply(images));
    }

    public static void GlobalMax(ImportedNode node, ImportContext context)
    {
        Symbol images = context.Images(node.Tensor(0), node);
        Size2 whole = (images.Shape[1]!.Value, images.Shape[2]!.Value);
        Set(node, context, new MaxPool2D(whole, whole, name: context.LayerName(node)).Apply(images));
    }

    private static void RequireDense(ImportedWindow window, ImportedNode node)
    {
        if (window.Dilation != Size2.One)
        {
            throw node.Error("has dilations, which Lamina's pooling does not support");
        }
    }

    private static void Set(ImportedNode node, ImportContext context, Symbol images) =>
        context.Set(node.Outputs[0], ImportedValue.Of(images, [0, 3, 1, 2]));
}
