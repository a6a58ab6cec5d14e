using Onnx;

namespace Lamina;

/// <summary>
/// Imports If nodes whose condition is known when the file is read: the nodes of the taken branch replace it. PyTorch
/// writes <c>squeeze</c> this way, as it does not know the sizes.
/// </summary>
internal static class BranchImport
{
    /// <summary>
    /// Returns the values that a node reads, with repetitions: its inputs, and what its branches read of the
    /// surrounding graph.
    /// </summary>
    public static IEnumerable<string> Reads(NodeProto node)
    {
        if (node.Attribute.Count == 0 || node.Attribute.All(a => a.G is null))
        {
            return node.Input;
        }
        HashSet<string> read = [.. node.Input];
        foreach (GraphProto branch in node.Attribute.Where(a => a.G is not null).Select(a => a.G))
        {
            IEnumerable<string> inside = branch.Node.SelectMany(Reads).Concat(branch.Output.Select(o => o.Name));
            HashSet<string> made =
            [
                .. branch.Node.SelectMany(n => n.Output),
                .. branch.Initializer.Select(t => t.Name),
                .. branch.Input.Select(i => i.Name),
            ];
            read.UnionWith(inside.Where(v => !made.Contains(v)));
        }
        return read;
    }

    /// <summary>Returns the number of nodes: one, plus those of its branches.</summary>
    public static long Count(NodeProto node) =>
        node.Attribute.Count == 0 ? 1 : 1 + node.Attribute.Where(a => a.G is not null).Sum(a => a.G.Node.Sum(Count));

    public static void If(ImportedNode node, ImportContext context)
    {
        if (!node.Has(0) || node.Input(0).Constant is not { } condition)
        {
            throw node.Error("depends on a computed value, but Lamina does not support branches that depend on values");
        }
        node.Ignore("then_branch", "else_branch");
        GraphProto branch =
            node.GraphAttribute(context.IsFalse(condition) ? "else_branch" : "then_branch")
            ?? throw node.Error("lacks a branch");
        if (branch.Input.Count > 0 || branch.Output.Count != node.Outputs.Count)
        {
            throw node.Error("its branch has inputs, or other outputs than the node");
        }
        context.AddInitializers(branch);
        context.AddNodes(branch.Node);
        foreach (NodeProto inner in branch.Node.OrderBy(n => n.OpType == "Constant" ? 0 : 1))
        {
            if (!context.IsDone(inner))
            {
                context.ReadNode(inner);
            }
        }
        for (int i = 0; i < node.Outputs.Count; i++)
        {
            context.Set(node.Outputs[i], context.Value(branch.Output[i].Name, node));
        }
    }
}
