namespace Lamina.Torch.Kernels;

/// <summary>
/// A kernel of broadcasting sums. Each input's gradient is the output's, summed where the input was repeated.
/// </summary>
internal sealed class AddKernel(OpNode node) : Kernel(node)
{
    public override long ForwardWorkspace(int batch, bool training) => Node.Inputs.Count > 2 ? OutputBytes(batch) : 0;

    public override int GradientInPlace(ReadOnlySpan<bool> wanted)
    {
        for (int i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] && Node.Inputs[i].Shape == Node.Shape)
            {
                return i;
            }
        }
        return -1;
    }

    public override bool SharesInput(bool training) => Node.Inputs.Count == 1;

    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Tensor sum = inputs[0].Duplicate();
        foreach (Tensor x in inputs[1..])
        {
            using Tensor before = sum;
            sum = Aten.Add(before, x);
        }
        return sum;
    }

    public override void Backward(
        in StepContext step,
        ReadOnlySpan<Tensor?> inputs,
        Tensor? output,
        Tensor gradient,
        ReadOnlySpan<bool> wanted,
        Span<Tensor?> results
    )
    {
        // No two results may share memory, since their receivers may overwrite them.
        using (gradient)
        {
            bool passedOn = false;
            for (int i = 0; i < results.Length; i++)
            {
                if (!wanted[i])
                {
                    continue;
                }
                long[] sizes = Layout.SizesOf(Node.Inputs[i], gradient.Rank == 0 ? 1 : gradient.Sizes[0]);
                bool whole = gradient.Sizes.SequenceEqual(sizes);
                results[i] = whole && passedOn ? Aten.Clone(gradient) : Layout.TakeReduced(gradient.Duplicate(), sizes);
                passedOn |= whole;
            }
        }
    }
}
