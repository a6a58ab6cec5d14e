using Lamina.Torch;
using Lamina.Torch.Cpu;
using Lamina.Torch.Kernels;

namespace Lamina.Quantization.Steps;

/// <summary>A matrix product of bytes.</summary>
internal sealed class LinearStep : ProductStep
{
    // The number of rows for which oneDNN packs the weights; other numbers of rows work, too.
    private const long TypicalRows = 8;

    private readonly long[] _kernelSizes;
    private IntegerWeights? _packed;
    private IByteProduct? _product;

    public LinearStep(IntegerValue input, IntegerValue output, string name, ProductChain part)
        : base(input, output, name, part, 1, RowsOf(part.Node.Inputs[1].Shape)) =>
        _kernelSizes = [Kernel.Shape[0]!.Value, Kernel.Shape[1]!.Value];

    public override void Prepare()
    {
        if (!Aten.HasIntegerOps)
        {
            _product = ByteKernels.Instance.Linear(Kernel.Bytes, ByteOutputs);
            return;
        }
        using Tensor kernel = KernelBytes(_kernelSizes);
        _packed = Packed(Aten.PackLinear(kernel, [TypicalRows, _kernelSizes[1]]));
    }

    public override Tensor Run(ReadOnlySpan<Tensor> inputs)
    {
        Tensor x = inputs[0];
        using Tensor rows = Layout.ToRows(x);
        Tensor y = _product?.Run(rows) ?? Aten.IntegerLinear(rows, _packed!, OutputType, NeedsRelu);
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
        _product?.Dispose();
    }

    // Transposes (in, out) to (out, in).
    private static Shape RowsOf(Shape kernel) => Shape.Of(kernel[1]!.Value, kernel[0]!.Value);
}
