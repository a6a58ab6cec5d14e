namespace Lamina;

/// <summary>Imports Gemm and MatMul with a constant as Dense, with the bias and activation that follow.</summary>
internal static class LinearImport
{
    public static void Gemm(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        OnnxTensor kernel = Matrix(node, 1);
        if (x.Rank != 2 || x.Axes[0] != 0 || node.Int("transA", 0) != 0)
        {
            throw node.Error("its first input must be (batch, features), not transposed");
        }
        node.Ignore("broadcast");
        bool transposed = node.Int("transB", 0) != 0;
        float alpha = node.Real("alpha", 1);
        float beta = node.Real("beta", 1);
        int units = checked((int)kernel.Dims[transposed ? 0 : 1]);
        OnnxTensor? bias = null;
        if (node.Has(2))
        {
            bias = node.Constant(2);
            bool isVector =
                bias.Count == 1 || (bias.Count == units && (bias.Dims.Count == 0 || bias.Dims[^1] == units));
            if (!isVector || !bias.IsReal)
            {
                throw node.Error($"its bias {bias} is not one value for each of {units} units");
            }
        }
        string output = node.Outputs[0];
        string signature = node.Signature;
        if (bias is null && BiasAfter(output, context, units, [units], [1, units]) is { } after)
        {
            (bias, output, beta) = (after.Bias, after.Output, 1);
            signature += $" {bias}";
        }
        Dense(node, context, x, kernel, transposed, alpha, bias, beta, signature, output);
    }

    public static void MatMul(ImportedNode node, ImportContext context)
    {
        ImportedValue left = node.Input(0);
        ImportedValue right = node.Input(1);
        if (left.Constant is { } rows && right.Constant is null)
        {
            context.Set(node.Outputs[0], FromTheLeft(rows, right, node, context));
            return;
        }
        OnnxTensor kernel = Matrix(node, 1);
        ImportedValue x = node.Tensor(0);
        if (x.Rank < 2)
        {
            throw node.Error("its first input has no features");
        }
        if (Adaptive(node, context, x, kernel) is { } pooled)
        {
            context.Set(node.Outputs[0], pooled);
            return;
        }
        int units = checked((int)kernel.Dims[1]);
        string output = node.Outputs[0];
        string signature = node.Signature;
        OnnxTensor? bias = null;
        if (BiasAfter(output, context, units, [units], [1, units]) is { } after)
        {
            (bias, output) = after;
            signature += $" {bias}";
        }
        // Features are last in Lamina and in the file; the dimensions before them may have any order.
        ImportedValue features =
            x.Axes[^1] == x.Rank - 1 ? x : context.Ordered(x, [.. Enumerable.Range(0, x.Rank)], node);
        Dense(node, context, features, kernel, false, 1, bias, 1, signature, output);
    }

    /// <summary>Returns the bias that an Add applies to a node's output, and the Add's output.</summary>
    public static (OnnxTensor Bias, string Output)? BiasAfter(
        string output,
        ImportContext context,
        int count,
        params ReadOnlySpan<long[]> shapes
    )
    {
        if (context.OnlyReader(output) is not { Operator: "Add", Inputs.Count: 2, Outputs.Count: 1, IsBare: true } add)
        {
            return null;
        }
        string other = add.Inputs[add.Inputs[0] == output ? 1 : 0];
        if (context.Find(other)?.Constant is not { IsReal: true } bias || bias.Count != count)
        {
            return null;
        }
        foreach (long[] shape in shapes)
        {
            if (bias.Dims.SequenceEqual(shape))
            {
                context.MarkDone(output);
                return (bias, add.Outputs[0]);
            }
        }
        return null;
    }

    private static OnnxTensor Matrix(ImportedNode node, int input)
    {
        OnnxTensor matrix = node.Constant(input);
        return matrix.Dims is [>= 1 and <= int.MaxValue, >= 1 and <= int.MaxValue] && matrix.IsReal
            ? matrix
            : throw node.Error($"its constant {matrix} is not a matrix of real numbers");
    }

    private static void Dense(
        ImportedNode node,
        ImportContext context,
        ImportedValue x,
        OnnxTensor kernel,
        bool transposed,
        float alpha,
        OnnxTensor? bias,
        float beta,
        string signature,
        string output
    )
    {
        int features = checked((int)kernel.Dims[transposed ? 1 : 0]);
        int units = checked((int)kernel.Dims[transposed ? 0 : 1]);
        if (x.Symbol.Shape[^1] != features)
        {
            throw node.Error($"a kernel {kernel} does not match {x.Symbol.Shape[^1]} features");
        }
        Activation activation = ActivationImport.After(
            ref output,
            context,
            isLast: axis => axis == -1 || axis == x.Rank - 1
        );
        string flat = x.Flat is { } f ? $"{string.Join(',', f.Sample)} {string.Join(',', f.Axes)}" : "";
        Symbol result = context.Shared(
            $"{signature} {activation.Name} {flat} {x.Rank}",
            x.Symbol,
            () => new Dense(units, activation, bias is not null, name: context.LayerName(node)),
            layer =>
            {
                int[] places = x.Flat?.Places() ?? [.. Enumerable.Range(0, features)];
                float[] values = context.NewWeight(kernel.Count, node);
                if (transposed)
                {
                    WeightLayouts.ReadTransposed(kernel, units, places, values);
                }
                else
                {
                    WeightLayouts.ReadRows(kernel, units, places, values);
                }
                WeightLayouts.Scale(values, alpha);
                ImportContext.SetWeight(layer, "kernel", values);
                if (bias is not null)
                {
                    SetBias(layer, bias, beta, context.NewWeight(units, node));
                }
            }
        );
        context.Set(output, ImportedValue.Of(result, x.Axes));
    }

    private static void SetBias(Layer layer, OnnxTensor bias, float beta, float[] values)
    {
        bias.Read(values.AsSpan(0, (int)bias.Count));
        if (bias.Count == 1)
        {
            values.AsSpan().Fill(values[0]);
        }
        WeightLayouts.Scale(values, beta);
        ImportContext.SetWeight(layer, "bias", values);
    }

    // A constant times the last but one dimension equals that dimension, moved last, times its transpose.
    private static ImportedValue FromTheLeft(
        OnnxTensor matrix,
        ImportedValue x,
        ImportedNode node,
        ImportContext context
    )
    {
        if (x.Rank < 3 || matrix.Dims is not [>= 1 and <= int.MaxValue, >= 1 and <= int.MaxValue] || !matrix.IsReal)
        {
            throw node.Error($"the constant {matrix} cannot be multiplied by a batch of matrices from the left");
        }
        (int units, int features) = ((int)matrix.Dims[0], (int)matrix.Dims[1]);
        if (x.Size(x.Rank - 2) != features)
        {
            throw node.Error($"the constant {matrix} does not match {x.Size(x.Rank - 2)} rows");
        }
        if (x.Rank == 4 && IsEqual(matrix, AdaptiveWindows.Shares, features, units))
        {
            Symbol images = context.Images(x, node);
            return Pooled(images, (units, images.Shape[2]!.Value), node, context);
        }
        int[] axes = [.. Enumerable.Range(0, x.Rank)];
        (axes[^1], axes[^2]) = (axes[^2], axes[^1]);
        Symbol rows = context.Ordered(x, axes, node).Symbol;
        var dense = new Dense(units, useBias: false, name: context.LayerName(node));
        Symbol result = dense.Apply(rows);
        float[] values = context.NewWeight(matrix.Count, node);
        WeightLayouts.ReadTransposed(matrix, units, [.. Enumerable.Range(0, features)], values);
        ImportContext.SetWeight(dense, "kernel", values);
        return ImportedValue.Of(result, axes);
    }

    // Adaptive windows, as Lamina and others write them: columns here, rows by a product from the left.
    private static ImportedValue? Adaptive(ImportedNode node, ImportContext context, ImportedValue x, OnnxTensor matrix)
    {
        if (x.Rank != 4 || x.Size(3) != matrix.Dims[0])
        {
            return null;
        }
        (int pixels, int outputs) = ((int)matrix.Dims[0], (int)matrix.Dims[1]);
        if (!IsEqual(matrix, AdaptiveWindows.Transposed, pixels, outputs))
        {
            return null;
        }
        Symbol images = context.Images(x, node);
        return Pooled(images, (images.Shape[1]!.Value, outputs), node, context);
    }

    private static ImportedValue Pooled(Symbol images, Size2 output, ImportedNode node, ImportContext context) =>
        ImportedValue.Of(new AdaptiveAveragePooling2D(output, context.LayerName(node)).Apply(images), [0, 3, 1, 2]);

    private static bool IsEqual(OnnxTensor matrix, Func<int, int, float[]> windows, int pixels, int outputs)
    {
        var values = new float[matrix.Count];
        matrix.Read(values);
        return values.AsSpan().SequenceEqual(windows(pixels, outputs));
    }
}
