namespace Lamina.Torch;

/// <summary>
/// Chooses the values that training with recomputation keeps (Chen et al. 2016, "Training deep nets with sublinear
/// memory cost"). Only values that cross the borders of segments of the plan are kept; each segment except the last
/// runs forward again before its backward. The choice has the least peak of <see cref="PlanMemory"/>, and the least
/// work among equals.
/// </summary>
internal static class PlanSegments
{
    private const int Sweeps = 2;

    // In longer plans not every step is tried as a border: the choice must not take as long as the training.
    private const int MostPlaces = 40;

    /// <summary>Returns the program with the best segments; with one segment if none saves memory.</summary>
    /// <param name="graph">The ops to train.</param>
    /// <param name="batch">The number of samples per step.</param>
    /// <param name="device">The device that will run it.</param>
    /// <param name="precision">The precision of the computation.</param>
    public static PlanProgram Choose(
        OpGraph graph,
        int batch,
        Device device,
        ComputePrecision precision = ComputePrecision.Float32
    )
    {
        var subject = new Subject(graph, batch, device, precision);
        Choice best = Try(subject, [0]);
        int steps = best.Program.Steps.Length;
        Choice grown = best;
        // About √n segments are best if all steps are alike; twice as many are allowed for when they are not. A border
        // may help only together with the next, so the search continues when one alone does not.
        int most = (int)Math.Ceiling(2 * Math.Sqrt(steps));
        for (int count = 2; count <= Math.Min(most, steps); count++)
        {
            IReadOnlyList<int> borders = grown.Program.Segments;
            Choice? next = Free(steps, borders).Select(at => Try(subject, [.. borders.Append(at).Order()])).Min();
            if (next is null)
            {
                break;
            }
            grown = next;
            Choice even = Try(subject, [.. Enumerable.Range(0, count).Select(i => i * steps / count)]);
            best = Less(grown, Less(even, best));
        }
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            Choice improved = Improve(subject, best);
            if (improved.CompareTo(best) >= 0)
            {
                break;
            }
            best = improved;
        }
        return best.Program;
    }

    // Moves or removes one border after the other.
    private static Choice Improve(Subject subject, Choice best)
    {
        foreach (int border in best.Program.Segments.Skip(1).ToArray())
        {
            int[] others = [.. best.Program.Segments.Where(s => s != border)];
            Choice without = Try(subject, others);
            Choice moved = Free(best.Program.Steps.Length, others)
                .Select(at => Try(subject, [.. others.Append(at).Order()]))
                .Append(without)
                .Min()!;
            best = Less(moved, best);
        }
        return best;
    }

    private static IEnumerable<int> Free(int steps, IReadOnlyList<int> borders)
    {
        int apart = (steps + MostPlaces - 1) / MostPlaces;
        return Enumerable.Range(1, (steps - 1) / apart).Select(i => i * apart).Except(borders);
    }

    private static Choice Less(Choice a, Choice b) => a.CompareTo(b) < 0 ? a : b;

    private static Choice Try(Subject subject, int[] segments)
    {
        var program = new PlanProgram(
            subject.Graph,
            training: true,
            subject.Device,
            segments,
            compute: subject.Precision
        );
        long work = program
            .Actions.Where(a => a.Kind == PlanActionKind.Recompute)
            .Select(a => program.Steps[a.Step].Kernel.Node)
            .Sum(n => ModelCost.MultiplyAddsOf(n) + n.Shape.SampleCount);
        return new Choice(program, PlanMemory.Of(program, subject.Batch).Peak, work);
    }

    private sealed record Subject(OpGraph Graph, int Batch, Device Device, ComputePrecision Precision);

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
