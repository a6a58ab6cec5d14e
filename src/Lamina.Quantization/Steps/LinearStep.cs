using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina.Quantization.Steps;

/// <summary>A matrix product of bytes.</summary>
internal sealed class LinearStep : ProductStep
{
    // The number of rows for which oneDNN packs the weights; other numbers of rows work, too.
    private const long TypicalRows = 8;

    private readonly long[] _kernelSizes;
    private IntegerWeights? _packed;
    private Tensor? _floats;

    public LinearStep(IntegerValue input, IntegerValue output, string name, ProductChain part)
        : base(input, output, name, part, 1, RowsOf(part.Node.Inputs[1].Shape)) =>
        _kernelSizes = [Kernel.Shape[0]!.Value, Kernel.Shape[1]!.Value];

    public override void Prepare()
    {
        if (!Aten.HasIntegerOps)
        {
            using Tensor rows = KernelFloats(_kernelSizes);
            using Tensor transposed = Aten.T(rows);
            _floats = Aten.Clone(transposed);
            return;
        }
        using Tensor kernel = KernelBytes(_kernelSizes);
        _packed = Packed(Aten.PackLinear(kernel, [TypicalRows, _kernelSizes[1]]));
    }

    public override Tensor Run(ReadOnlySpan<Tensor> inputs)
    {
        Tensor x = inputs[0];
        using Tensor rows = Layout.ToRows(x);
        Tensor y;
        if (_packed is not null)
        {
            y = Aten.IntegerLinear(rows, _packed, OutputType, NeedsRelu);
        }
        else
        {
            using Tensor values = ByteLoops.ToFloats(rows, ChannelMap.Identity);
            y = TakeScaled(Aten.Linear(values, _floats!, null, relu: false));
        }
        if (x.Rank == 2)
        {
            return y;
        }
        using (y)
        {
            return y.View([.. x.Sizes[..^1], y.Sizes[1]]);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _packed?.Dispose();
        _floats?.Dispose();
    }

    // Transposes (in, out) to (out, in).
    private static Shape RowsOf(Shape kernel) => Shape.Of(kernel[1]!.Value, kernel[0]!.Value);
}
