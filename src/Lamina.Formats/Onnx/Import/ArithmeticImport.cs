namespace Lamina;

/// <summary>Imports sums, products and means, of computed values or with constants.</summary>
internal static class ArithmeticImport
{
    public static void Add(ImportedNode node, ImportContext context)
    {
        node.Ignore("consumed_inputs");
        if (node.Inputs.Count == 2 && Affine(node, context, (_, c) => (1, c)) is { } result)
        {
            context.Set(node.Outputs[0], result);
            return;
        }
        Merge(node, context, Inputs(node), name => new Add(name));
    }

    public static void Multiply(ImportedNode node, ImportContext context)
    {
        node.Ignore("consumed_inputs");
        if (Affine(node, context, (_, c) => (c, 0)) is { } result)
        {
            context.Set(node.Outputs[0], result);
            return;
        }
        Merge(node, context, Inputs(node), name => new Multiply(name));
    }

    public static void Subtract(ImportedNode node, ImportContext context)
    {
        node.Ignore("consumed_inputs");
        if (Affine(node, context, (isFirst, c) => isFirst ? (-1, c) : (1, -c)) is { } result)
        {
            context.Set(node.Outputs[0], result);
            return;
        }
        ImportedValue taken = node.Tensor(1);
        var negated = new Rescaling([-1], [0], context.LayerName(node, "_negated"));
        Merge(node, context, [node.Tensor(0), taken.With(negated.Apply(taken.Symbol))], name => new Add(name));
    }

    public static void Divide(ImportedNode node, ImportContext context)
    {
        node.Ignore("consumed_inputs");
        if (!node.Has(1) || node.Input(1).Constant is null)
        {
            throw node.Error("divides by a computed value, but Lamina supports only constants");
        }
        context.Set(node.Outputs[0], Affine(node, context, (_, c) => (1 / c, 0))!);
    }

    public static void MeanOfInputs(ImportedNode node, ImportContext context)
    {
        ImportedValue[] inputs = Inputs(node);
        ImportedValue sum = inputs.Length == 1 ? inputs[0] : Merged(node, context, inputs, name => new Add(name));
        var share = new Rescaling([1f / inputs.Length], [0], context.LayerName(node, "_share"));
        context.Set(node.Outputs[0], sum.With(share.Apply(sum.Symbol)));
    }

    public static void ReduceMean(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        bool keeps = node.Int("keepdims", 1) != 0;
        _ = node.Int("noop_with_empty_axes", 0);
        long[] given = node.Whole("axes", 1) ?? [];
        int[] axes = [.. given.Select(a => checked((int)(a < 0 ? a + x.Rank : a))).Order().Distinct()];
        if (axes.Length == 0 || axes[0] < 1 || axes[^1] >= x.Rank)
        {
            throw node.Error("its axes must come after the batch");
        }
        if (x.IsImages && axes is [2, 3])
        {
            Symbol pooled = new GlobalAveragePooling2D(keeps, context.LayerName(node)).Apply(x.Symbol);
            context.Set(node.Outputs[0], ImportedValue.Of(pooled, keeps ? [0, 3, 1, 2] : null));
            return;
        }
        // The axes, moved to the front, are the rows of an image with one column, whose channels are the rest.
        int[] rest = [.. Enumerable.Range(1, x.Rank - 1).Except(axes)];
        var order = new int[x.Rank];
        int[] front = [0, .. axes, .. rest];
        for (int i = 0; i < front.Length; i++)
        {
            order[front[i]] = i;
        }
        int[] sample = x.Sample;
        int rows = axes.Aggregate(1, (n, a) => checked(n * sample[a - 1]));
        int channels = rest.Aggregate(1, (n, a) => checked(n * sample[a - 1]));
        Symbol images = new Reshape([rows, 1, channels], context.LayerName(node, "_rows")).Apply(
            context.Ordered(x, order, node).Symbol
        );
        Symbol mean = new GlobalAveragePooling2D(name: context.LayerName(node)).Apply(images);
        int[] result = keeps
            ? [.. sample.Select((d, i) => axes.Contains(i + 1) ? 1 : d)]
            : [.. rest.Select(a => sample[a - 1])];
        if (result.Length == 0)
        {
            throw node.Error("leaves only the batch; Lamina requires at least one more dimension. Use keepdims");
        }
        context.Set(
            node.Outputs[0],
            ImportedValue.Of(
                result.Length == 1 ? mean : new Reshape(result, context.LayerName(node, "_shape")).Apply(mean)
            )
        );
    }

    /// <summary>
    /// Returns a constant as one number, or one per index of a dimension, with the value ordered so that this dimension
    /// is its symbol's last.
    /// </summary>
    public static (ImportedValue Value, float[] Numbers) PerChannel(
        ImportedNode node,
        ImportContext context,
        ImportedValue x,
        OnnxTensor constant,
        int? along = null
    )
    {
        if (!constant.IsReal || constant.Dims.Count > x.Rank || constant.Count > int.MaxValue)
        {
            throw node.Error($"its constant {constant} does not match a value with {x.Rank} dimensions");
        }
        int skipped = along ?? x.Rank - constant.Dims.Count;
        int[] wide = [.. Enumerable.Range(0, constant.Dims.Count).Where(i => constant.Dims[i] != 1)];
        if (wide.Length > 1 || (wide.Length == 1 && skipped + wide[0] == 0))
        {
            throw node.Error($"its constant {constant} differs along more than one dimension, or along the batch");
        }
        int axis = wide.Length == 1 ? skipped + wide[0] : -1;
        if (axis >= x.Rank || (axis >= 0 && x.Size(axis) != constant.Count))
        {
            throw node.Error($"its constant {constant} does not match dimension {axis}");
        }
        var numbers = new float[constant.Count];
        constant.Read(numbers);
        if (axis < 0)
        {
            return (x, numbers);
        }
        if (x.Flat is { } flat)
        {
            int[] places = flat.Places();
            var placed = new float[numbers.Length];
            for (int i = 0; i < placed.Length; i++)
            {
                placed[places[i]] = numbers[i];
            }
            return (x, placed);
        }
        if (x.Axes[axis] == x.Rank - 1)
        {
            return (x, numbers);
        }
        int[] order = [.. x.Axes];
        int last = Array.IndexOf(order, x.Rank - 1);
        (order[axis], order[last]) = (order[last], order[axis]);
        return (context.Ordered(x, order, node), numbers);
    }

    // One input is a constant: x · scale + offset. Null if none is.
    private static ImportedValue? Affine(
        ImportedNode node,
        ImportContext context,
        Func<bool, float, (float Scale, float Offset)> affine
    )
    {
        if (node.Inputs.Count != 2)
        {
            throw node.Error("needs two inputs");
        }
        bool isFirst = node.Input(0).Constant is not null;
        if (!isFirst && node.Input(1).Constant is null)
        {
            return null;
        }
        // Versions before 7 broadcast only on request.
        if (node.Int("broadcast", 0) != 0 | node.Int("axis", 0) != 0)
        {
            throw node.Error("broadcasts as before opset 7. Export the model with opset 17");
        }
        ImportedValue tensor = node.Tensor(isFirst ? 1 : 0);
        OnnxTensor constant = node.Constant(isFirst ? 0 : 1);
        if (ElementConstant.Is(constant, tensor))
        {
            return ElementConstant.Rescale(node, context, tensor, constant, c => affine(isFirst, c));
        }
        (ImportedValue x, float[] numbers) = PerChannel(node, context, tensor, constant);
        (float Scale, float Offset)[] pairs = [.. numbers.Select(c => affine(isFirst, c))];
        float[] scale = [.. pairs.Select(p => p.Scale)];
        float[] offset = [.. pairs.Select(p => p.Offset)];
        var layer = new Rescaling(Shortened(scale), Shortened(offset), context.LayerName(node));
        return x.With(layer.Apply(x.Symbol));
    }

    /// <summary>Returns one number for all if all are equal.</summary>
    public static float[] Shortened(float[] values) =>
        values.AsSpan().ContainsAnyExcept(values[0]) ? values : [values[0]];

    private static ImportedValue[] Inputs(ImportedNode node) =>
        [.. Enumerable.Range(0, node.Inputs.Count).Select(node.Tensor)];

    private static void Merge(
        ImportedNode node,
        ImportContext context,
        ImportedValue[] inputs,
        Func<string, Layer> make
    ) => context.Set(node.Outputs[0], inputs.Length == 1 ? inputs[0] : Merged(node, context, inputs, make));

    private static ImportedValue Merged(
        ImportedNode node,
        ImportContext context,
        ImportedValue[] inputs,
        Func<string, Layer> make
    )
    {
        if (inputs.Length == 0)
        {
            throw node.Error("has no inputs");
        }
        ImportedValue[] aligned = context.Aligned(inputs, node);
        return aligned[0].With(make(context.LayerName(node)).Apply([.. aligned.Select(v => v.Symbol)]));
    }
}
