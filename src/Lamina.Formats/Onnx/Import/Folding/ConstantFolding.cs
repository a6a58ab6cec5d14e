namespace Lamina;

/// <summary>
/// Computes nodes whose inputs are constants or shapes when the file is read. Exporters leave such nodes: PyTorch
/// writes the shape of <c>view(x.size(0), -1)</c> and the pads of <c>ZeroPad2d</c> as nodes.
/// </summary>
internal static class ConstantFolding
{
    private static readonly Dictionary<string, Func<FoldedNode, FoldedTensor>> s_operators = new(StringComparer.Ordinal)
    {
        ["Abs"] = FoldedArithmetic.Abs,
        ["Add"] = n => FoldedArithmetic.Binary(n, FoldedArithmetic.Add),
        ["And"] = n => FoldedArithmetic.Compare(n, (a, b) => a != 0 && b != 0),
        ["Cast"] = FoldedArithmetic.Cast,
        ["Ceil"] = n => FoldedArithmetic.Round(n, Math.Ceiling),
        ["Concat"] = FoldedLayout.Concat,
        ["ConstantOfShape"] = FoldedShapes.ConstantOfShape,
        ["Div"] = FoldedArithmetic.Divide,
        ["Equal"] = FoldedArithmetic.Equal,
        ["Exp"] = n => FoldedArithmetic.Compute(n, Math.Exp),
        ["Expand"] = FoldedShapes.Expand,
        ["Floor"] = n => FoldedArithmetic.Round(n, Math.Floor),
        ["Gather"] = FoldedLayout.Gather,
        ["Greater"] = n => FoldedArithmetic.Compare(n, (a, b) => a > b),
        ["Less"] = n => FoldedArithmetic.Compare(n, (a, b) => a < b),
        ["Max"] = n => FoldedArithmetic.Choose(n, Math.Max, Math.Max),
        ["Min"] = n => FoldedArithmetic.Choose(n, Math.Min, Math.Min),
        ["Mul"] = n => FoldedArithmetic.Binary(n, FoldedArithmetic.Multiply),
        ["Neg"] = FoldedArithmetic.Negate,
        ["Not"] = FoldedArithmetic.Not,
        ["Or"] = n => FoldedArithmetic.Compare(n, (a, b) => a != 0 || b != 0),
        ["Pow"] = FoldedArithmetic.Power,
        ["Range"] = FoldedShapes.Range,
        ["Reciprocal"] = n => FoldedArithmetic.Compute(n, x => 1 / x),
        ["ReduceProd"] = FoldedArithmetic.ReduceProduct,
        ["Reshape"] = FoldedLayout.Reshape,
        ["Slice"] = FoldedLayout.Slice,
        ["Sqrt"] = n => FoldedArithmetic.Compute(n, Math.Sqrt),
        ["Squeeze"] = FoldedLayout.Squeeze,
        ["Sub"] = n => FoldedArithmetic.Binary(n, FoldedArithmetic.Subtract),
        ["Transpose"] = FoldedLayout.Transpose,
        ["Unsqueeze"] = FoldedLayout.Unsqueeze,
        ["Where"] = FoldedArithmetic.Where,
    };

    /// <summary>The operators that are supported only for constants and shapes.</summary>
    public static IEnumerable<string> Names =>
        s_operators.Keys.Concat(["Shape", "Size"]).Where(n => !OnnxOperators.All.ContainsKey(n));

    /// <summary>Computes a node's value. Returns <see langword="false"/> if it is not one of constants.</summary>
    public static bool TryRead(ImportedNode node, ImportContext context)
    {
        if (node.Operator is "Shape" or "Size")
        {
            Set(node, context, FoldedShapes.Shape(node));
            return true;
        }
        if (
            !s_operators.TryGetValue(node.Operator, out Func<FoldedNode, FoldedTensor>? fold)
            || node.Inputs.Count == 0
            || node.Outputs.Count != 1
            || node.Inputs.Any(i => i.Length > 0 && context.Find(i) is not { IsComputed: false })
        )
        {
            return FoldedWeights.TryRead(node, context);
        }
        var inputs = new FoldedTensor?[node.Inputs.Count];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (node.Has(i) && (inputs[i] = FoldedTensor.From(node.Input(i))) is null)
            {
                return FoldedWeights.TryRead(node, context);
            }
        }
        Set(node, context, fold(new FoldedNode(node, inputs)));
        return true;
    }

    private static void Set(ImportedNode node, ImportContext context, FoldedTensor result)
    {
        if (result.Elements.Length > FoldedTensor.MostElements)
        {
            throw node.Error(
                $"computes a constant of {result.Elements.Length} elements, but Lamina supports only small ones"
            );
        }
        context.Charge(2L * result.Elements.Length, node);
        context.Set(node.Outputs[0], context.Folded(node.Outputs[0], result));
    }
}
