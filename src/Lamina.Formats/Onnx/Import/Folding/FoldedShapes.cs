using DataType = Onnx.TensorProto.Types.DataType;

namespace Lamina;

/// <summary>Operators that create constants from shapes, and the arithmetic of shapes.</summary>
internal static class FoldedShapes
{
    public const int MostDimensions = 16;

    /// <summary>
    /// Returns the shape of any value, with the batch as its first dimension, or its number of elements.
    /// </summary>
    public static FoldedTensor Shape(ImportedNode node)
    {
        ImportedValue value = node.Input(0);
        FoldedNumber[] shape =
            value.Sizes is { } sizes ? [.. sizes.Dims.Select(d => FoldedNumber.Of(d))]
            : value.Constant is { } constant ? [.. constant.Dims.Select(d => FoldedNumber.Of(d))]
            : [FoldedNumber.Batch, .. value.Sample.Select(d => FoldedNumber.Of((long)d))];
        if (node.Operator == "Size")
        {
            bool ofBatch = shape.Any(d => d.OfBatch);
            long count = shape.Aggregate(1L, (n, d) => checked(n * d.Whole));
            return new FoldedTensor(DataType.Int64, [], [FoldedNumber.Of(count, ofBatch)]);
        }
        int from = Bound(node.Int("start", 0));
        int to = Bound(node.Int("end", shape.Length));
        return FoldedTensor.Vector(to > from ? shape[from..to] : []);

        int Bound(long at) => (int)Math.Clamp(at < 0 ? at + shape.Length : at, 0, shape.Length);
    }

    public static FoldedTensor ConstantOfShape(FoldedNode node)
    {
        long[] dims = node.Whole(node.Input(0));
        int count = Count(dims, node);
        if (node.Node.TensorAttribute("value") is not { } proto)
        {
            return new FoldedTensor(DataType.Float, dims, new FoldedNumber[count]);
        }
        FoldedTensor value =
            FoldedTensor.From(node.Node.Constant(proto)) ?? throw node.Error("has a value that is not a number");
        return value.Elements.Length == 1
            ? new FoldedTensor(value.Type, dims, [.. Enumerable.Repeat(value.Elements[0], count)])
            : throw node.Error($"has {value.Elements.Length} values, but needs one");
    }

    public static FoldedTensor Range(FoldedNode node)
    {
        FoldedTensor[] ends = [node.Input(0), node.Input(1), node.Input(2)];
        if (ends.Any(e => e.Elements.Length != 1))
        {
            throw node.Error("needs three numbers");
        }
        (long start, long limit, long step) = (node.Whole(ends[0])[0], node.Whole(ends[1])[0], node.Whole(ends[2])[0]);
        if (step == 0)
        {
            throw node.Error("has a step of 0");
        }
        Int128 count = ((Int128)limit - start + step - Math.Sign(step)) / step;
        if (count > FoldedTensor.MostElements)
        {
            throw TooLarge(node);
        }
        FoldedNumber[] elements =
        [
            .. Enumerable.Range(0, (int)Int128.Max(count, 0)).Select(i => FoldedNumber.Of(start + (i * step))),
        ];
        return new FoldedTensor(ends[0].Type, [elements.Length], elements);
    }

    public static FoldedTensor Expand(FoldedNode node)
    {
        FoldedTensor data = node.Input(0);
        return Broadcast(data, Broadcast(data.Dims, node.Whole(node.Input(1)), node), node);
    }

    /// <summary>Returns the shape of tensors that are broadcast together.</summary>
    public static long[] Broadcast(long[] a, long[] b, FoldedNode node)
    {
        var dims = new long[Math.Max(a.Length, b.Length)];
        for (int i = 1; i <= dims.Length; i++)
        {
            long left = i <= a.Length ? a[^i] : 1;
            long right = i <= b.Length ? b[^i] : 1;
            dims[^i] =
                left == 1 ? right
                : right == 1 || right == left ? left
                : throw node.Error("its constants have shapes that do not match");
        }
        _ = Count(dims, node);
        return dims;
    }

    /// <summary>Returns the tensor, repeated along dimensions of 1.</summary>
    public static FoldedTensor Broadcast(FoldedTensor tensor, long[] dims, FoldedNode node)
    {
        if (tensor.Dims.AsSpan().SequenceEqual(dims))
        {
            return tensor;
        }
        _ = Count(dims, node);
        var strides = new long[dims.Length];
        for (int i = 1; i <= tensor.Dims.Length; i++)
        {
            strides[^i] = tensor.Dims[^i] == 1 ? 0 : tensor.Dims[^(i - 1)..].Aggregate(1L, (n, d) => n * d);
        }
        return new FoldedTensor(tensor.Type, dims, Spread(tensor.Elements, dims, strides));
    }

    /// <summary>Returns the elements at these strides in the source.</summary>
    public static FoldedNumber[] Spread(FoldedNumber[] source, long[] dims, long[] strides)
    {
        var result = new FoldedNumber[dims.Aggregate(1L, (n, d) => n * d)];
        for (int i = 0; i < result.Length; i++)
        {
            long place = 0;
            long rest = i;
            for (int d = dims.Length - 1; d >= 0; d--)
            {
                place += rest % dims[d] * strides[d];
                rest /= dims[d];
            }
            result[i] = source[place];
        }
        return result;
    }

    /// <summary>Returns the number of elements of a tensor with these dimensions.</summary>
    /// <exception cref="OverflowException">The number is too large.</exception>
    public static long Product(ReadOnlySpan<long> dims)
    {
        long product = 1;
        foreach (long dim in dims)
        {
            product = checked(product * dim);
        }
        return product;
    }

    /// <summary>Returns the number of elements of these dimensions.</summary>
    public static int Count(long[] dims, FoldedNode node)
    {
        if (dims.Length > MostDimensions || dims.Any(d => d < 0))
        {
            throw node.Error("its dimensions are invalid");
        }
        long count = 1;
        foreach (long dim in dims)
        {
            count = dim == 0 ? 0 : count * Math.Min(dim, int.MaxValue);
            if (count > FoldedTensor.MostElements)
            {
                throw TooLarge(node);
            }
        }
        return (int)count;
    }

    private static ModelFileException TooLarge(FoldedNode node) =>
        node.Error($"computes a constant of over {FoldedTensor.MostElements} elements, which Lamina does not support");
}
