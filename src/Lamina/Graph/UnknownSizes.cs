namespace Lamina;

/// <summary>
/// Applies layers to symbols of unknown sizes. A layer's ops need sizes, so it is applied to two trial sizes, whose ops
/// are discarded: dimensions of the output that differ between them are unknown, all others are the layer's own.
/// </summary>
internal static class UnknownSizes
{
    // Larger than any usual window, and with no common divisor but 32, so that pooling five times leaves whole numbers.
    private static readonly int[] s_trials = [224, 288];

    /// <summary>Applies a layer, and returns symbols with the dimensions that do not depend on the unknown sizes.</summary>
    /// <exception cref="ShapeException">The layer's weights or its function require a known size.</exception>
    public static IReadOnlyList<Symbol> Invoke(Layer layer, Symbol[] inputs)
    {
        IReadOnlyList<Symbol>[] results;
        try
        {
            results = [.. s_trials.Select(size => layer.Invoke([.. inputs.Select(x => Trial(x, size))]))];
        }
        catch (ShapeException e)
        {
            string shapes = string.Join(", ", inputs.Select(x => x.Shape));
            throw new ShapeException(
                $"{layer}: does not accept the unknown sizes of {shapes}. Use a pooling over the whole image before it, or an "
                    + $"Input with a known size. ({Detail(layer, e)})"
            );
        }
        return [.. results[0].Zip(results[1], (a, b) => new Symbol(Common(a.Shape, b.Shape), a.Producer))];
    }

    /// <summary>Returns <see langword="true"/> if a shape has all dimensions of another that are known there.</summary>
    public static bool Fits(Shape shape, Shape wanted)
    {
        if (shape.Rank != wanted.Rank)
        {
            return false;
        }
        for (int i = 0; i < shape.Rank; i++)
        {
            if (wanted[i] is { } size && shape[i] != size)
            {
                return false;
            }
        }
        return true;
    }

    private static Symbol Trial(Symbol x, int size)
    {
        if (!x.Shape.HasUnknownSample)
        {
            return x;
        }
        int?[] dims = [.. x.Shape.Select((d, i) => i == 0 ? d : d ?? size)];
        return OpNode.Record(new InputOp(new Shape(dims)), []);
    }

    private static Shape Common(Shape a, Shape b) =>
        a.Rank == b.Rank
            ? Shape.WithUnknown([.. a.Zip(b, (x, y) => x == y ? x : null)])
            : throw new ShapeException($"the number of dimensions depends on the size: {a} and {b}.");

    private static string Detail(Layer layer, ShapeException e) =>
        e.Message.StartsWith($"{layer}: ", StringComparison.Ordinal) ? e.Message[$"{layer}: ".Length..] : e.Message;
}
