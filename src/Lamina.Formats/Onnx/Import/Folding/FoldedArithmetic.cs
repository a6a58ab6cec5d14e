using DataType = Onnx.TensorProto.Types.DataType;

namespace Lamina;

/// <summary>
/// Arithmetic operators on constants and shapes. The batch size stays open: sums, fractions and multiples of it are
/// tracked, and operations that need it as a number are rejected.
/// </summary>
internal static class FoldedArithmetic
{
    /// <summary>
    /// A computation on two elements of a type; returns <see langword="null"/> if it needs the batch size as a number.
    /// </summary>
    public delegate FoldedNumber? Operation(FoldedNumber a, FoldedNumber b, bool isReal);

    public static FoldedTensor Binary(FoldedNode node, Operation operation)
    {
        // NumPy's rules imply the broadcasting attributes of versions before 7 if shapes are vectors.
        node.Node.Ignore("broadcast", "axis");
        (FoldedTensor a, FoldedTensor b) = Operands(node, 0, 1);
        if (a.Type != b.Type || a.Type == DataType.Bool)
        {
            throw node.Error("its constants have different types, or are not numbers");
        }
        return Map(node, a.Type, a, b, (x, y) => operation(x, y, a.IsReal));
    }

    public static FoldedNumber? Add(FoldedNumber a, FoldedNumber b, bool isReal)
    {
        bool isZero = isReal ? a.Real == 0 || b.Real == 0 : a.Whole == 0 || b.Whole == 0;
        return a.OfBatch == b.OfBatch || isZero
            ? Number(a.Real + b.Real, unchecked(a.Whole + b.Whole), a.OfBatch || b.OfBatch, isReal)
            : null;
    }

    public static FoldedNumber? Subtract(FoldedNumber a, FoldedNumber b, bool isReal) =>
        Add(a, new FoldedNumber(-b.Real, unchecked(-b.Whole), b.OfBatch), isReal);

    public static FoldedNumber? Multiply(FoldedNumber a, FoldedNumber b, bool isReal) =>
        a.OfBatch && b.OfBatch
            ? null
            : Number(a.Real * b.Real, unchecked(a.Whole * b.Whole), a.OfBatch || b.OfBatch, isReal);

    public static FoldedTensor Divide(FoldedNode node) =>
        node.Input(1) is { IsReal: false } divisor && divisor.Elements.Any(e => e.Whole == 0)
            ? throw node.Error("divides by zero")
            : Binary(node, Divide);

    private static FoldedNumber? Divide(FoldedNumber a, FoldedNumber b, bool isReal)
    {
        if (isReal)
        {
            return b.OfBatch && !a.OfBatch && a.Real != 0
                ? null
                : Number(a.Real / b.Real, 0, a.OfBatch != b.OfBatch, true);
        }
        // Integers are truncated, which is impossible for a batch size.
        bool isExact = b.Whole is not (0 or -1) && a.Whole % b.Whole == 0;
        bool isKnown = a.OfBatch == b.OfBatch || a.Whole == 0 || !b.OfBatch;
        return b.Whole == 0 || !isKnown || ((a.OfBatch || b.OfBatch) && !isExact)
            ? null
            : FoldedNumber.Of(b.Whole == -1 ? unchecked(-a.Whole) : a.Whole / b.Whole, a.OfBatch && !b.OfBatch);
    }

    public static FoldedTensor Negate(FoldedNode node)
    {
        FoldedTensor x = node.Input(0);
        return Map(node, x.Type, x, x, (a, _) => new FoldedNumber(-a.Real, unchecked(-a.Whole), a.OfBatch));
    }

    public static FoldedTensor Abs(FoldedNode node)
    {
        FoldedTensor x = node.Input(0);
        return Map(
            node,
            x.Type,
            x,
            x,
            (a, _) => new FoldedNumber(Math.Abs(a.Real), a.Whole < 0 ? unchecked(-a.Whole) : a.Whole, a.OfBatch)
        );
    }

    public static FoldedTensor Round(FoldedNode node, Func<double, double> round)
    {
        FoldedTensor x = node.Input(0);
        return Map(
            node,
            x.Type,
            x,
            x,
            (a, _) => a.OfBatch && round(a.Real) != a.Real ? null : a with { Real = round(a.Real) }
        );
    }

    /// <summary>Applies a function of real numbers.</summary>
    public static FoldedTensor Compute(FoldedNode node, Func<double, double> function)
    {
        FoldedTensor x = node.Input(0);
        return x.IsReal
            ? Map(node, x.Type, x, x, (a, _) => a.OfBatch ? null : FoldedNumber.Of(function(a.Real)))
            : throw node.Error("needs real numbers");
    }

    public static FoldedTensor Power(FoldedNode node)
    {
        (FoldedTensor a, FoldedTensor b) = Operands(node, 0, 1);
        return a.IsReal
            ? Map(
                node,
                a.Type,
                a,
                b,
                (x, y) => x.OfBatch || y.OfBatch ? null : FoldedNumber.Of(Math.Pow(x.Real, b.IsReal ? y.Real : y.Whole))
            )
            : throw node.Error("needs real numbers");
    }

    public static FoldedTensor Not(FoldedNode node)
    {
        FoldedTensor x = node.Input(0);
        return Map(node, DataType.Bool, x, x, (a, _) => FoldedNumber.Of(a.Whole == 0 ? 1L : 0L));
    }

    public static FoldedTensor Cast(FoldedNode node)
    {
        FoldedTensor x = node.Input(0);
        var to = (DataType)node.Node.Int("to", 0);
        node.Node.Ignore("saturate");
        if (!FoldedTensor.IsSupported(to))
        {
            throw node.Error($"casts a constant to {Quoted.Name(to.ToString())}, which Lamina does not support");
        }
        bool isReal = FoldedTensor.IsRealType(to);
        return Map(
            node,
            to,
            x,
            x,
            (a, _) =>
            {
                double real = x.IsReal ? a.Real : a.Whole;
                if (to == DataType.Bool)
                {
                    return FoldedNumber.Of(real != 0 ? 1L : 0L);
                }
                if (isReal)
                {
                    return FoldedNumber.Of(real, a.OfBatch);
                }
                long whole = x.IsReal ? (long)real : a.Whole;
                bool isKept = !a.OfBatch || whole == real;
                return isKept ? FoldedNumber.Of(to == DataType.Int32 ? (int)whole : whole, a.OfBatch) : null;
            }
        );
    }

    public static FoldedTensor Equal(FoldedNode node)
    {
        (FoldedTensor a, FoldedTensor b) = Operands(node, 0, 1);
        return Map(
            node,
            DataType.Bool,
            a,
            b,
            (x, y) =>
            {
                if (x.OfBatch == y.OfBatch)
                {
                    return FoldedNumber.Of(x.Real == y.Real && x.Whole == y.Whole ? 1L : 0L);
                }
                // A batch has at least one image: its multiples are neither zero nor of the other sign.
                (FoldedNumber batch, FoldedNumber other) = x.OfBatch ? (x, y) : (y, x);
                int sign = Math.Sign(batch.Real) + Math.Sign(batch.Whole);
                return Math.Sign(other.Real) + Math.Sign(other.Whole) != sign ? FoldedNumber.Of(0L) : null;
            }
        );
    }

    public static FoldedTensor Compare(FoldedNode node, Func<double, double, bool> compare)
    {
        (FoldedTensor a, FoldedTensor b) = Operands(node, 0, 1);
        return Map(
            node,
            DataType.Bool,
            a,
            b,
            (x, y) =>
                x.OfBatch == y.OfBatch ? FoldedNumber.Of(compare(x.Real + x.Whole, y.Real + y.Whole) ? 1L : 0L) : null
        );
    }

    public static FoldedTensor Choose(FoldedNode node, Func<double, double, double> real, Func<long, long, long> whole)
    {
        FoldedTensor result = node.Input(0);
        for (int i = 1; i < node.Inputs.Length; i++)
        {
            FoldedTensor next = node.Input(i);
            if (next.Type != result.Type)
            {
                throw node.Error("its constants have different types");
            }
            long[] dims = FoldedShapes.Broadcast(result.Dims, next.Dims, node);
            result = Map(
                node,
                result.Type,
                FoldedShapes.Broadcast(result, dims, node),
                FoldedShapes.Broadcast(next, dims, node),
                (x, y) =>
                    x.OfBatch == y.OfBatch
                        ? new FoldedNumber(real(x.Real, y.Real), whole(x.Whole, y.Whole), x.OfBatch)
                        : null
            );
        }
        return result;
    }

    public static FoldedTensor Where(FoldedNode node)
    {
        (FoldedTensor a, FoldedTensor b) = Operands(node, 1, 2);
        FoldedTensor condition = node.Input(0);
        long[] dims = FoldedShapes.Broadcast(condition.Dims, a.Dims, node);
        condition = FoldedShapes.Broadcast(condition, dims, node);
        (a, b) = (FoldedShapes.Broadcast(a, dims, node), FoldedShapes.Broadcast(b, dims, node));
        return a.Type != b.Type
            ? throw node.Error("its constants have different types")
            : new FoldedTensor(
                a.Type,
                dims,
                [.. condition.Elements.Select((c, i) => c.Whole != 0 ? a.Elements[i] : b.Elements[i])]
            );
    }

    public static FoldedTensor ReduceProduct(FoldedNode node)
    {
        FoldedTensor x = node.Input(0);
        bool keeps = node.Node.Int("keepdims", 1) != 0;
        long[] axes = node.Whole("axes", 1) ?? [0];
        if (x.Dims.Length != 1 || axes is not [0 or -1])
        {
            throw node.Error("multiplies along dimensions, but Lamina supports only whole vectors");
        }
        var product = x.IsReal ? FoldedNumber.Of(1.0) : FoldedNumber.Of(1L);
        foreach (FoldedNumber element in x.Elements)
        {
            product = Multiply(product, element, x.IsReal) ?? throw node.NeedsBatch();
        }
        return new FoldedTensor(x.Type, keeps ? [1] : [], [product]);
    }

    private static (FoldedTensor, FoldedTensor) Operands(FoldedNode node, int first, int second)
    {
        (FoldedTensor a, FoldedTensor b) = (node.Input(first), node.Input(second));
        long[] dims = FoldedShapes.Broadcast(a.Dims, b.Dims, node);
        return (FoldedShapes.Broadcast(a, dims, node), FoldedShapes.Broadcast(b, dims, node));
    }

    private static FoldedTensor Map(
        FoldedNode node,
        DataType type,
        FoldedTensor a,
        FoldedTensor b,
        Func<FoldedNumber, FoldedNumber, FoldedNumber?> map
    )
    {
        var elements = new FoldedNumber[a.Elements.Length];
        for (int i = 0; i < elements.Length; i++)
        {
            FoldedNumber element = map(a.Elements[i], b.Elements[i]) ?? throw node.NeedsBatch();
            elements[i] = type == DataType.Float ? element with { Real = (float)element.Real } : element;
        }
        return new FoldedTensor(type, a.Dims, elements);
    }

    private static FoldedNumber Number(double real, long whole, bool ofBatch, bool isReal) =>
        isReal ? FoldedNumber.Of(real, ofBatch) : FoldedNumber.Of(whole, ofBatch);
}
