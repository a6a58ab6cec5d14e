namespace Lamina.Torch;

/// <summary>
/// Chooses where training with recomputation keeps values (Chen et al. 2016, "Training deep nets with sublinear memory
/// cost"): of segments of the plan, only what crosses their borders is kept; each segment but the last runs forward again
/// before its backward. The choice is that of the least peak of <see cref="PlanMemory"/>, and of the least work among equals.
/// </summary>
internal static class PlanSegments
{
    /// <summary>The program with the best segments; with one segment if none saves memory.</summary>
    /// <param name="graph">What is trained.</param>
    /// <param name="batch">Samples a step.</param>
    public static PlanProgram Choose(OpGraph graph, int batch)
    {
        Choice best = Try(graph, batch, [0]);
        int steps = best.Program.Steps.Length;
        Choice at = best;
        // About √n segments are best where all steps are alike; the double leaves room for where they are not. A border may
        // pay only together with the next, so that the search goes on where one alone does not.
        int most = (int)Math.Ceiling(2 * Math.Sqrt(steps));
        for (int count = 2; count <= Math.Min(most, steps); count++)
        {
            IReadOnlyList<int> borders = at.Program.Segments;
            at = Enumerable
                .Range(1, steps - 1)
                .Except(borders)
                .Select(border => Try(graph, batch, [.. borders.Append(border).Order()]))
                .Min()!;
            best = Less(at, best);
        }
        return Prune(graph, batch, best).Program;
    }

    // Borders that were put before better ones may be of no more use.
    private static Choice Prune(OpGraph graph, int batch, Choice best)
    {
        foreach (int border in best.Program.Segments.Skip(1).ToArray())
        {
            best = Less(Try(graph, batch, [.. best.Program.Segments.Where(s => s != border)]), best);
        }
        return best;
    }

    private static Choice Less(Choice a, Choice b) => a.CompareTo(b) < 0 ? a : b;

    private static Choice Try(OpGraph graph, int batch, int[] segments)
    {
        var program = new PlanProgram(graph, training: true, segments);
        long work = program
            .Actions.Where(a => a.Kind == PlanActionKind.Again)
            .Select(a => program.Steps[a.Step].Kernel.Node)
            .Sum(n => ModelCost.MultiplyAddsOf(n) + n.Shape.SampleCount);
        return new Choice(program, PlanMemory.Of(program, batch).Peak, work);
    }

    private sealed record Choice(PlanProgram Program, long Peak, long Work) : IComparable<Choice>
    {
        public int CompareTo(Choice? other) =>
            other is null
                ? 1
                : (Peak, Work, Program.Segments.Count).CompareTo(
                    (other.Peak, other.Work, other.Program.Segments.Count)
                );
    }
}
