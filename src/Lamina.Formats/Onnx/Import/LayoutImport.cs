using Onnx;

namespace Lamina;

/// <summary>Imports operators that move elements, or do nothing in inference.</summary>
internal static class LayoutImport
{
    public static void Identity(ImportedNode node, ImportContext context) =>
        context.Set(node.Outputs[0], node.Input(0));

    public static void Cast(ImportedNode node, ImportContext context)
    {
        if (node.Int("to", 0) != (long)TensorProto.Types.DataType.Float || node.Input(0).Constant is { IsReal: false })
        {
            throw node.Error("casts, but Lamina supports only float32");
        }
        node.Ignore("saturate");
        context.Set(node.Outputs[0], node.Input(0));
    }

    public static void Constant(ImportedNode node, ImportContext context)
    {
        if (node.TensorAttribute("value") is { } tensor)
        {
            ImportedValue constant = context.Constant(tensor);
            context.WeightsLeft += constant.Constant!.Count;
            context.Set(node.Outputs[0], constant);
            return;
        }
        if (ShortConstant(node) is not { } numbers)
        {
            throw node.Error("has no tensor or numbers as its value");
        }
        context.Charge(numbers.Elements.Length, node);
        context.Set(node.Outputs[0], context.Folded(node.Outputs[0], numbers));
    }

    // A constant as a number or a list, from opset 12.
    private static FoldedTensor? ShortConstant(ImportedNode node)
    {
        const TensorProto.Types.DataType Float = TensorProto.Types.DataType.Float;
        const TensorProto.Types.DataType Whole = TensorProto.Types.DataType.Int64;
        return node.HasAttribute("value_int") ? new(Whole, [], [FoldedNumber.Of(node.Int("value_int", 0))])
            : node.HasAttribute("value_float") ? new(Float, [], [FoldedNumber.Of((double)node.Real("value_float", 0))])
            : node.Ints("value_ints") is { } whole ? FoldedTensor.Vector([.. whole.Select(w => FoldedNumber.Of(w))])
            : node.Reals("value_floats") is { } reals
                ? new(Float, [reals.Length], [.. reals.Select(r => FoldedNumber.Of((double)r))])
            : null;
    }

    public static void Dropout(ImportedNode node, ImportContext context)
    {
        node.RequireOneOutput();
        node.Ignore("seed", "consumed_inputs");
        ImportedValue x = node.Tensor(0);
        float rate = node.Scalar("ratio", 1) ?? 0.5f;
        if (context.IsTraining(node) || (node.Has(2) && !context.IsFalse(node.Constant(2))))
        {
            throw node.Error("is in training mode; export the model for inference");
        }
        context.Set(node.Outputs[0], x.With(new Dropout(rate, name: context.LayerName(node)).Apply(x.Symbol)));
    }

    public static void Flatten(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        long axis = node.Int("axis", 1);
        axis = axis < 0 ? axis + x.Rank : axis;
        if (axis != 1)
        {
            throw node.Error($"flattens from dimension {axis} on; Lamina flattens everything except the batch");
        }
        context.Set(
            node.Outputs[0],
            SampleShape.To(node, context, x, [x.Sample.Aggregate(1, (n, d) => checked(n * d))])
        );
    }

    public static void Reshape(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        int[] sample = ReshapedSample(node, context, x.Sample);
        context.Set(node.Outputs[0], SampleShape.To(node, context, x, sample));
    }

    /// <summary>Returns the sample's dimensions after a Reshape.</summary>
    public static int[] ReshapedSample(ImportedNode node, ImportContext context, int[] sample)
    {
        FoldedNumber[] sizes = node.Sizes("shape", 1) ?? throw node.Error("has no shape");
        bool copies = node.Int("allowzero", 0) == 0;
        long count = sample.Aggregate(1L, (n, d) => checked(n * d));
        // A 0 at its position copies the batch; elsewhere it is not kept.
        bool isBatchFirst = sizes.Length > 0 && sizes[0] == FoldedNumber.Batch;
        long[] shape = [.. sizes.Select((s, i) => s.OfBatch ? (i == 0 && isBatchFirst ? 0 : -2) : s.Whole)];
        copies |= isBatchFirst && !shape.Skip(1).Contains(0);
        if (shape.Length < 2 || shape.Any(d => d is < -1 or > int.MaxValue) || (!copies && shape.Contains(0)))
        {
            throw node.Error(
                $"its shape ({string.Join(", ", sizes.Take(16))}) is not the batch and at least one more dimension"
            );
        }
        long[] rest = [.. shape.Skip(1).Select((d, i) => d == 0 && i < sample.Length ? sample[i] : d)];
        long known = rest.Where(d => d > 0).Aggregate(1L, (n, d) => checked(n * d));
        int open = Array.IndexOf(rest, -1);
        if (open >= 0)
        {
            rest[open] = known > 0 && count % known == 0 ? count / known : 0;
            known = checked(known * rest[open]);
        }
        bool keepsBatch =
            shape[0] == 0 || (shape[0] == -1 && open < 0) || (shape[0] > 0 && shape[0] == context.FixedBatch);
        if (rest.Any(d => d < 1) || known != count || !keepsBatch)
        {
            throw node.Error(
                $"the shape ({string.Join(", ", sizes.Take(16))}) does not keep the batch and the {count} elements of each sample"
            );
        }
        return [.. rest.Select(d => checked((int)d))];
    }

    public static void Squeeze(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        context.Set(node.Outputs[0], SampleShape.To(node, context, x, SqueezedSample(node, x.Sample)));
    }

    /// <summary>Returns the sample's dimensions after a Squeeze.</summary>
    public static int[] SqueezedSample(ImportedNode node, int[] sample)
    {
        int rank = sample.Length + 1;
        long[] axes = node.Whole("axes", 1) ?? [.. Enumerable.Range(1, sample.Length).Where(a => sample[a - 1] == 1)];
        int[] gone = [.. axes.Select(a => checked((int)(a < 0 ? a + rank : a)))];
        if (gone.Any(a => a < 1 || a >= rank || sample[a - 1] != 1) || gone.Distinct().Count() == sample.Length)
        {
            throw node.Error("its axes must have size 1, must not include the batch, and must leave a dimension");
        }
        return [.. sample.Where((_, i) => !gone.Contains(i + 1))];
    }

    public static void Unsqueeze(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        context.Set(node.Outputs[0], SampleShape.To(node, context, x, UnsqueezedSample(node, x.Sample)));
    }

    /// <summary>Returns the sample's dimensions after an Unsqueeze.</summary>
    public static int[] UnsqueezedSample(ImportedNode node, int[] sample)
    {
        long[] axes = node.Whole("axes", 1) ?? throw node.Error("has no axes");
        int rank = sample.Length + 1 + axes.Length;
        HashSet<int> added = [.. axes.Select(a => checked((int)(a < 0 ? a + rank : a)))];
        if (added.Count != axes.Length || added.Any(a => a < 1 || a >= rank) || rank > 16)
        {
            throw node.Error("its axes must be distinct and after the batch");
        }
        var sizes = new Queue<int>(sample);
        return [.. Enumerable.Range(1, rank - 1).Select(a => added.Contains(a) ? 1 : sizes.Dequeue())];
    }

    public static void Transpose(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        long[] permutation = node.Ints("perm") ?? [.. Enumerable.Range(0, x.Rank).Reverse().Select(a => (long)a)];
        if (
            permutation.Length != x.Rank
            || !permutation.Order().SequenceEqual(Enumerable.Range(0, x.Rank).Select(a => (long)a))
        )
        {
            throw node.Error("its perm is not a permutation of the input's dimensions");
        }
        if (permutation[0] != 0)
        {
            throw node.Error("moves the batch, which Lamina keeps first");
        }
        // Nothing moves here: later nodes handle the dimensions in their order.
        context.Set(node.Outputs[0], ImportedValue.Of(x.Symbol, [.. permutation.Select(a => x.Axes[a])], x.Flat));
    }

    public static void Concat(ImportedNode node, ImportContext context)
    {
        ImportedValue[] inputs = [.. Enumerable.Range(0, node.Inputs.Count).Select(node.Tensor)];
        if (inputs.Length == 0)
        {
            throw node.Error("has no inputs");
        }
        long axis = node.Int("axis", 1);
        axis = axis < 0 ? axis + inputs[0].Rank : axis;
        if (axis < 1 || axis >= inputs[0].Rank)
        {
            throw node.Error("is along the batch, or along a dimension that does not exist");
        }
        // Parts of flattened images would each keep their own order; the whole has none of its own.
        ImportedValue[] plain = [.. inputs.Select(v => v.Flat is null ? v : ImportedValue.Of(context.Plain(v, node)))];
        if (plain is [var one])
        {
            context.Set(node.Outputs[0], one);
            return;
        }
        ImportedValue[] aligned = context.Aligned(plain, node);
        var layer = new Concatenate(aligned[0].Axes[axis], context.LayerName(node));
        context.Set(node.Outputs[0], aligned[0].With(layer.Apply([.. aligned.Select(v => v.Symbol)])));
    }

    public static void Slice(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        long[] starts = node.Whole("starts", 1) ?? [];
        long[] ends = node.Whole("ends", 2) ?? [];
        long[] axes = node.Whole("axes", 3) ?? [.. Enumerable.Range(0, starts.Length).Select(a => (long)a)];
        long[] steps = node.Has(4) ? node.Whole("steps", 4)! : [.. starts.Select(_ => 1L)];
        if (
            starts.Length != ends.Length
            || starts.Length != axes.Length
            || starts.Length != steps.Length
            || axes.Length > x.Rank
        )
        {
            throw node.Error("has starts, ends, axes and steps of different lengths");
        }
        for (int i = 0; i < starts.Length; i++)
        {
            long axis = axes[i] < 0 ? axes[i] + x.Rank : axes[i];
            if (axis == 0 && starts[i] == 0 && ends[i] >= int.MaxValue && steps[i] == 1)
            {
                continue;
            }
            if (axis < 1 || axis >= x.Rank || steps[i] != 1)
            {
                throw node.Error("slices the batch or has steps other than 1, which Lamina's Slice does not support");
            }
            long size = x.Size((int)axis)!.Value;
            long start = Math.Clamp(starts[i] < 0 ? starts[i] + size : starts[i], 0, size);
            long end = Math.Clamp(ends[i] < 0 ? ends[i] + size : ends[i], 0, size);
            x = Cut(node, context, x, (int)axis, start, end - start);
        }
        context.Set(node.Outputs[0], x);
    }

    public static void Split(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        long axis = node.Int("axis", 0);
        axis = axis < 0 ? axis + x.Rank : axis;
        if (axis < 1 || axis >= x.Rank)
        {
            throw node.Error("splits the batch, or a dimension that does not exist");
        }
        long size = x.Size((int)axis)!.Value;
        int parts = node.Outputs.Count;
        long most = (size + parts - 1) / Math.Max(parts, 1);
        _ = node.Int("num_outputs", parts);
        long[] sizes =
            node.Whole("split", 1) ?? [.. Enumerable.Range(0, parts).Select(i => Math.Min(most, size - (i * most)))];
        if (sizes.Length != parts || sizes.Any(s => s < 1 || s > size) || sizes.Sum() != size)
        {
            throw node.Error($"its parts do not add up to the dimension of {size}");
        }
        long start = 0;
        for (int i = 0; i < parts; i++)
        {
            if (node.Outputs[i].Length > 0 && context.IsUsed(node.Outputs[i]))
            {
                context.Set(node.Outputs[i], Cut(node, context, x, (int)axis, start, sizes[i]));
            }
            start += sizes[i];
        }
    }

    public static void Pad(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        (int[] before, int[] after) = ZerosAround(node, x.Rank);
        if (before.All(p => p == 0) && after.All(p => p == 0))
        {
            context.Set(node.Outputs[0], x);
            return;
        }
        if (x.Rank != 4 || (before[0], after[0], before[1], after[1]) != (0, 0, 0, 0))
        {
            throw node.Error("pads something other than rows and columns of images, which is all that Lamina supports");
        }
        Symbol images = context.Images(x, node);
        var layer = new ZeroPadding2D(new Pads2(before[2], after[2], before[3], after[3]), context.LayerName(node));
        context.Set(node.Outputs[0], ImportedValue.Of(layer.Apply(images), [0, 3, 1, 2]));
    }

    /// <summary>Returns the number of zeros that a Pad adds before and after each dimension.</summary>
    public static (int[] Before, int[] After) ZerosAround(ImportedNode node, int rank)
    {
        if (node.Text("mode", "constant") != "constant" || (node.Scalar("value", 2) ?? 0) != 0)
        {
            throw node.Error("pads with something other than zeros, which is all that Lamina supports");
        }
        long[] pads = node.Whole("pads", 1) ?? throw node.Error("has no pads");
        long[] axes = node.Has(3) ? node.Whole("axes", 3)! : [.. Enumerable.Range(0, rank).Select(a => (long)a)];
        if (pads.Length != 2 * axes.Length || pads.Any(p => p is < 0 or > int.MaxValue))
        {
            throw node.Error("its pads must be two per dimension and not negative");
        }
        var before = new int[rank];
        var after = new int[rank];
        for (int i = 0; i < axes.Length; i++)
        {
            long axis = axes[i] < 0 ? axes[i] + rank : axes[i];
            if (axis < 0 || axis >= rank)
            {
                throw node.Error("its axes must be among those of the input");
            }
            before[axis] = (int)pads[i];
            after[axis] = (int)pads[i + axes.Length];
        }
        return (before, after);
    }

    private static ImportedValue Cut(
        ImportedNode node,
        ImportContext context,
        ImportedValue x,
        int axis,
        long start,
        long count
    )
    {
        if (count == x.Size(axis))
        {
            return x;
        }
        if (count < 1)
        {
            throw node.Error("leaves no elements");
        }
        ImportedValue plain = x.Flat is null ? x : ImportedValue.Of(context.Plain(x, node));
        var layer = new Slice((int)start, (int)count, plain.Axes[axis], context.LayerName(node));
        return plain.With(layer.Apply(plain.Symbol));
    }
}
