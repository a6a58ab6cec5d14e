namespace Lamina.Torch.Kernels;

/// <summary>A kernel that draws values from the counter-based generator on the host.</summary>
/// <param name="node">The op node.</param>
/// <param name="op">The op.</param>
/// <param name="index">The op's position in the plan, which is part of the key of its random stream.</param>
internal sealed class RandomKernel(OpNode node, RandomOp op, int index) : ForwardKernel(node)
{
    public override string Algorithm => "counter-based numbers";

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        long[] sizes = Layout.SizesOf(Node.Output, inputs[0].Sizes[0]);
        Tensor result = Tensor.Empty(sizes, DType.Float32, inputs[0].Device);
        if (!step.BehavesAsTraining)
        {
            result.Fill(op.Mean);
            return result;
        }
        var random = new RandomStream(op.Seed ?? step.Seed, RandomPurpose.Layer, step.Step, index);
        Skip(ref random, step.FirstRow * (result.Count / Math.Max(1, sizes[0])));
        var values = new float[result.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(
                op.Kind == RandomKind.Normal
                    ? op.A + (op.B * random.NextNormal())
                    : op.A + ((op.B - op.A) * random.NextSingle())
            );
        }
        result.CopyFrom(values);
        return result;
    }

    // The values before belong to the rows of other ranks.
    private void Skip(ref RandomStream random, long values)
    {
        for (long i = 0; i < values; i++)
        {
            _ = op.Kind == RandomKind.Normal ? random.NextNormal() : random.NextSingle();
        }
    }
}
