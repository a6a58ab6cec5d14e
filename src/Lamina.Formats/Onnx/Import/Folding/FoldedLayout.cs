namespace Lamina;

/// <summary>Operators on constants and shapes that move elements.</summary>
internal static class FoldedLayout
{
    public static FoldedTensor Concat(FoldedNode node)
    {
        FoldedTensor[] parts = [.. Enumerable.Range(0, node.Inputs.Length).Select(node.Input)];
        int rank = parts[0].Dims.Length;
        int axis = node.Axis(node.Node.Int("axis", 1), rank);
        if (
            parts.Any(p =>
                p.Type != parts[0].Type
                || p.Dims.Length != rank
                || p.Dims.Where((d, i) => i != axis && d != parts[0].Dims[i]).Any()
            )
        )
        {
            throw node.Error("its constants do not match");
        }
        long[] dims = [.. parts[0].Dims];
        dims[axis] = parts.Sum(p => p.Dims[axis]);
        var elements = new List<FoldedNumber>(FoldedShapes.Count(dims, node));
        int rows = FoldedShapes.Count(dims[..axis], node);
        for (int row = 0; row < rows; row++)
        {
            foreach (FoldedTensor part in parts)
            {
                int length = part.Elements.Length / rows;
                elements.AddRange(part.Elements.AsSpan(row * length, length));
            }
        }
        return new FoldedTensor(parts[0].Type, dims, [.. elements]);
    }

    public static FoldedTensor Gather(FoldedNode node)
    {
        FoldedTensor data = node.Input(0);
        FoldedTensor indices = node.Input(1);
        int axis = node.Axis(node.Node.Int("axis", 0), data.Dims.Length);
        int[] at = [.. node.Whole(indices).Select(i => node.Axis(i, (int)data.Dims[axis]))];
        long[] dims = [.. data.Dims[..axis], .. indices.Dims, .. data.Dims[(axis + 1)..]];
        _ = FoldedShapes.Count(dims, node);
        FoldedTensor taken = Take(data, axis, at);
        return new FoldedTensor(data.Type, dims, taken.Elements);
    }

    public static FoldedTensor Slice(FoldedNode node)
    {
        FoldedTensor result = node.Input(0);
        long[] starts = node.Whole("starts", 1) ?? [];
        long[] ends = node.Whole("ends", 2) ?? [];
        long[] axes = node.Whole("axes", 3) ?? [.. Enumerable.Range(0, starts.Length).Select(a => (long)a)];
        long[] steps = node.Whole("steps", 4) ?? [.. starts.Select(_ => 1L)];
        if (starts.Length != ends.Length || starts.Length != axes.Length || starts.Length != steps.Length)
        {
            throw node.Error("has starts, ends, axes and steps of different lengths");
        }
        for (int i = 0; i < starts.Length; i++)
        {
            int axis = node.Axis(axes[i], result.Dims.Length);
            if (steps[i] is 0 or long.MinValue)
            {
                throw node.Error($"has a step of {steps[i]}");
            }
            result = Take(result, axis, Places(starts[i], ends[i], steps[i], (int)result.Dims[axis]));
        }
        return result;
    }

    // As in ONNX and NumPy: from the last element, down to before the first, if the step is negative.
    private static int[] Places(long start, long end, long step, int size)
    {
        if (size == 0)
        {
            return [];
        }
        bool isForward = step > 0;
        long from = Math.Clamp(start < 0 ? start + size : start, 0, isForward ? size : size - 1);
        long to = Math.Clamp(end < 0 ? end + size : end, isForward ? 0 : -1, size);
        var places = new List<int>();
        for (long at = from; isForward ? at < to : at > to; at = checked(at + step))
        {
            places.Add((int)at);
            if (Math.Abs(step) > size)
            {
                break;
            }
        }
        return [.. places];
    }

    public static FoldedTensor Reshape(FoldedNode node)
    {
        FoldedTensor data = node.Input(0);
        return new FoldedTensor(data.Type, Reshaped(node, data.Dims), data.Elements);
    }

    /// <summary>Returns the dimensions after a Reshape of a constant.</summary>
    public static long[] Reshaped(FoldedNode node, long[] old)
    {
        long count = FoldedShapes.Product(old);
        long[] dims = node.Whole("shape", 1) ?? throw node.Error("has no shape");
        bool copies = node.Node.Int("allowzero", 0) == 0;
        dims = [.. dims.Select((d, i) => d == 0 && copies && i < old.Length ? old[i] : d)];
        int open = Array.IndexOf(dims, -1);
        if (open >= 0)
        {
            long known = FoldedShapes.Product([.. dims.Where((_, i) => i != open)]);
            dims[open] = known > 0 && count % known == 0 ? count / known : -1;
        }
        return
            dims.Length <= FoldedShapes.MostDimensions && dims.All(d => d >= 0) && FoldedShapes.Product(dims) == count
            ? dims
            : throw node.Error($"does not keep the {count} elements of its constant");
    }

    public static FoldedTensor Squeeze(FoldedNode node)
    {
        FoldedTensor data = node.Input(0);
        return new FoldedTensor(data.Type, Squeezed(node, data.Dims), data.Elements);
    }

    /// <summary>Returns the dimensions after a Squeeze of a constant.</summary>
    public static long[] Squeezed(FoldedNode node, long[] old)
    {
        int[] axes = node.Whole("axes", 1) is { } given
            ? [.. given.Select(a => node.Axis(a, old.Length))]
            : [.. Enumerable.Range(0, old.Length).Where(a => old[a] == 1)];
        return axes.All(a => old[a] == 1)
            ? [.. old.Where((_, i) => !axes.Contains(i))]
            : throw node.Error("its axes must be of size 1");
    }

    public static FoldedTensor Unsqueeze(FoldedNode node)
    {
        FoldedTensor data = node.Input(0);
        return new FoldedTensor(data.Type, Unsqueezed(node, data.Dims), data.Elements);
    }

    /// <summary>Returns the dimensions after an Unsqueeze of a constant.</summary>
    public static long[] Unsqueezed(FoldedNode node, long[] old)
    {
        long[] given = node.Whole("axes", 1) ?? throw node.Error("has no axes");
        int rank = old.Length + given.Length;
        HashSet<int> axes = [.. given.Select(a => node.Axis(a, rank))];
        if (axes.Count != given.Length || rank > FoldedShapes.MostDimensions)
        {
            throw node.Error("its axes must be distinct");
        }
        var sizes = new Queue<long>(old);
        return [.. Enumerable.Range(0, rank).Select(a => axes.Contains(a) ? 1 : sizes.Dequeue())];
    }

    public static FoldedTensor Transpose(FoldedNode node)
    {
        FoldedTensor data = node.Input(0);
        int rank = data.Dims.Length;
        int[] order = Order(node, rank);
        long[] dims = [.. order.Select(a => data.Dims[a])];
        var strides = new long[rank];
        for (int i = 0; i < rank; i++)
        {
            strides[i] = data.Dims[(order[i] + 1)..].Aggregate(1L, (n, d) => n * d);
        }
        return new FoldedTensor(data.Type, dims, FoldedShapes.Spread(data.Elements, dims, strides));
    }

    /// <summary>Returns the dimensions in the order of a Transpose.</summary>
    public static int[] Order(FoldedNode node, int rank)
    {
        long[] permutation = node.Node.Ints("perm") ?? [.. Enumerable.Range(0, rank).Reverse().Select(a => (long)a)];
        int[] order = [.. permutation.Select(a => node.Axis(a, rank))];
        return order.Length == rank && order.Distinct().Count() == rank
            ? order
            : throw node.Error("its perm is not a permutation of the input's dimensions");
    }

    private static FoldedTensor Take(FoldedTensor data, int axis, int[] at)
    {
        int size = (int)data.Dims[axis];
        int inner = (int)data.Dims[(axis + 1)..].Aggregate(1L, (n, d) => n * d);
        int rows = size * inner == 0 ? 0 : data.Elements.Length / (size * inner);
        var elements = new List<FoldedNumber>(rows * at.Length * inner);
        for (int row = 0; row < rows; row++)
        {
            foreach (int place in at)
            {
                elements.AddRange(data.Elements.AsSpan(((row * size) + place) * inner, inner));
            }
        }
        long[] dims = [.. data.Dims];
        dims[axis] = at.Length;
        return new FoldedTensor(data.Type, dims, [.. elements]);
    }
}
