using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina.Quantization.Steps;

/// <summary>
/// A step that runs a kernel of the float32 engine: in float32, or on bytes if the op only moves values (concatenation,
/// slice, reshape).
/// </summary>
internal sealed class KernelStep : IntegerStep
{
    private static readonly StepContext s_inference = new(false, 0, 0);

    private readonly Kernel _kernel;
    private readonly bool[] _isData;
    private readonly StepParameter[] _parameters;
    private readonly Tensor[] _read;

    /// <summary>Creates the step.</summary>
    /// <param name="inputs">The values among the op's inputs; its other inputs are weights.</param>
    /// <param name="output">The output.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="parameterOf">Returns the parameter that holds a weight.</param>
    public KernelStep(
        IntegerValue[] inputs,
        IntegerValue output,
        Kernel kernel,
        Func<Weight, StepParameter> parameterOf
    )
        : base(inputs, output)
    {
        _kernel = kernel;
        _isData = [.. kernel.Node.Inputs.Select(i => i.Producer.Op is not ParameterOp)];
        _parameters = [.. Weights(kernel.Node).Select(parameterOf)];
        _read = new Tensor[_isData.Length];
    }

    public override IReadOnlyList<StepParameter> Parameters => _parameters;

    public override void Derive(IValueRanges ranges)
    {
        foreach ((StepParameter parameter, Weight weight) in _parameters.Zip(Weights(_kernel.Node)))
        {
            parameter.Floats = weight.GetValues();
        }
        if (Output.IsBytes)
        {
            Output.Code = MovedCode();
        }
    }

    public override void Prepare()
    {
        int next = 0;
        for (int i = 0; i < _isData.Length; i++)
        {
            if (_isData[i])
            {
                continue;
            }
            StepParameter parameter = _parameters[next++];
            bool isKernel = _kernel.Node.Op is ConvolutionOp && i == 1;
            long[] sizes = [.. parameter.Shape.ToArray().Select(d => (long)d)];
            if (isKernel)
            {
                int filters = parameter.Shape[3]!.Value;
                float[] rows = KernelRows.Of(parameter.Floats, filters);
                _read[i] = Tensor.FromSpan(rows, [sizes[3], sizes[0], sizes[1], sizes[2]]);
            }
            else
            {
                _read[i] = Tensor.FromSpan(parameter.Floats, sizes);
            }
        }
    }

    public override Tensor Run(ReadOnlySpan<Tensor> inputs)
    {
        int next = 0;
        for (int i = 0; i < _isData.Length; i++)
        {
            if (_isData[i])
            {
                _read[i] = inputs[next++];
            }
        }
        return _kernel.Forward(s_inference, _read, overwrite: false);
    }

    public override void Dispose()
    {
        base.Dispose();
        _kernel.Release();
        for (int i = 0; i < _isData.Length; i++)
        {
            if (!_isData[i])
            {
                _read[i]?.Dispose();
            }
        }
    }

    private static IEnumerable<Weight> Weights(OpNode node) =>
        node.Inputs.Select(i => i.Producer.Op).OfType<ParameterOp>().Select(p => p.Weight);

    private Code MovedCode()
    {
        Code first = Inputs[0].Code!;
        switch (_kernel.Node.Op)
        {
            case ConcatOp:
                return new Code(
                    [.. Inputs.SelectMany(i => i.Code!.Scale)],
                    [.. Inputs.SelectMany(i => i.Code!.Shift)],
                    first.Zero
                );
            case SliceOp op when op.Axis == _kernel.Node.Shape.Rank - 1:
                return first.Select(Output.Channels, c => c + op.Start);
            default:
                // A reshape keeps the order of elements, so the channels repeat as before.
                return first.Select(Output.Channels, c => c % first.Scale.Length);
        }
    }
}

/// <summary>Kernels with one row per filter or unit.</summary>
internal static class KernelRows
{
    private const int Block = 32;

    /// <summary>Transposes (taps, filters) to (filters, taps), in blocks that fit the cache.</summary>
    public static float[] Of(ReadOnlySpan<float> values, int filters)
    {
        int taps = values.Length / filters;
        var rows = new float[values.Length];
        for (int f0 = 0; f0 < filters; f0 += Block)
        {
            int f1 = Math.Min(f0 + Block, filters);
            for (int t0 = 0; t0 < taps; t0 += Block)
            {
                int t1 = Math.Min(t0 + Block, taps);
                for (int f = f0; f < f1; f++)
                {
                    for (int t = t0; t < t1; t++)
                    {
                        rows[(f * taps) + t] = values[(t * filters) + f];
                    }
                }
            }
        }
        return rows;
    }
}
