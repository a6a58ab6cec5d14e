namespace Lamina;

/// <summary>Gives values of a file another shape of their samples.</summary>
internal static class SampleShape
{
    /// <summary>Returns the value with another shape of its samples, in the file's order.</summary>
    public static ImportedValue To(ImportedNode node, ImportContext context, ImportedValue x, int[] sample)
    {
        if (x.Flat is { } flat)
        {
            // Back to the shape before flattening, in its order; otherwise through the file's order.
            return sample.SequenceEqual(flat.Sample)
                ? ImportedValue.Of(new Reshape(flat.LaminaSample, context.LayerName(node)).Apply(x.Symbol), flat.Axes)
                : To(node, context, ImportedValue.Of(context.Plain(x, node)), sample);
        }
        int[] old = x.Sample;
        if (sample.SequenceEqual(old))
        {
            return x;
        }
        bool isFlat = sample.Length == 1;
        if (isFlat && x.Symbol.Layer is GlobalAveragePooling2D { KeepDims: true } pool)
        {
            return Flat(node, context, x, pool);
        }
        // Dimensions of 1 can be in any position.
        int[] wide = [.. Enumerable.Range(1, old.Length).Where(a => old[a - 1] != 1).Select(a => x.Axes[a])];
        bool isSameOrder = wide.SequenceEqual(wide.Order());
        if (isFlat && !isSameOrder)
        {
            Symbol result = new Flatten(context.LayerName(node)).Apply(x.Symbol);
            return ImportedValue.Of(result, null, new ImportedFlat(old, x.Axes));
        }
        Symbol ordered = isSameOrder ? x.Symbol : context.Plain(x, node);
        return ImportedValue.Of(
            isFlat
                ? new Flatten(context.LayerName(node)).Apply(ordered)
                : new Reshape(sample, context.LayerName(node)).Apply(ordered)
        );
    }

    // The flattened means of images are the result of the pooling itself; the other one is removed unless something
    // else reads it.
    private static ImportedValue Flat(
        ImportedNode node,
        ImportContext context,
        ImportedValue x,
        GlobalAveragePooling2D pool
    )
    {
        bool isOnly =
            context.OnlyReader(node.Inputs[0]) is not null
            && context.Producer(node.Inputs[0])?.Operator == "GlobalAveragePool";
        string name = isOnly ? pool.Name : context.LayerName(node);
        return ImportedValue.Of(new GlobalAveragePooling2D(name: name).Apply(x.Symbol.Node!.Inputs[0]));
    }
}
