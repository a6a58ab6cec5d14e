namespace Lamina.Torch;

/// <summary>
/// A weight's values in a tensor. Convolution kernels lie as (filters, kh, kw, C / groups), which is channels_last to
/// libtorch; everything else as in public.
/// </summary>
internal sealed class TorchParameter : IWeightStorage
{
    private readonly Shape _shape;
    private readonly bool _isKernel;

    private TorchParameter(Weight weight, bool isKernel, Device device)
    {
        _shape = weight.Shape;
        _isKernel = isKernel;
        int[] dims = weight.Shape.ToArray();
        Sizes = isKernel ? [dims[3], dims[0], dims[1], dims[2]] : [.. dims.Select(d => (long)d)];
        Value = Tensor.Empty(Sizes, DType.Float32, device);
    }

    /// <summary>The sizes as the engine lays the weight out.</summary>
    public long[] Sizes { get; }

    /// <summary>The values.</summary>
    public Tensor Value { get; private set; }

    /// <summary>The storage of a weight on this device, to which its values move if they are elsewhere.</summary>
    public static TorchParameter Of(Weight weight, bool isKernel, Device device)
    {
        if (weight.Storage is TorchParameter held && held.Value.Device == device.Memory && held._isKernel == isKernel)
        {
            return held;
        }
        var parameter = new TorchParameter(weight, isKernel, device);
        weight.MoveTo(parameter);
        return parameter;
    }

    /// <summary>Puts other values, of the same layout, in the place of these.</summary>
    /// <returns>The values until now, which the caller owns.</returns>
    public Tensor Exchange(Tensor values)
    {
        Tensor before = Value;
        Value = values;
        return before;
    }

    /// <inheritdoc/>
    public void Read(Span<float> destination)
    {
        if (!_isKernel)
        {
            Value.CopyTo(destination);
            return;
        }
        var laidOut = new float[Value.Count];
        Value.CopyTo(laidOut);
        ToPublic(laidOut, destination, _shape);
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<float> values)
    {
        if (!_isKernel)
        {
            Value.CopyFrom(values);
            return;
        }
        var laidOut = new float[values.Length];
        ToEngine(values, laidOut, _shape);
        Value.CopyFrom(laidOut);
    }

    /// <summary>The values of a tensor laid out as this parameter (its momentum, say) in the public layout.</summary>
    public NDArray ToPublic(Tensor tensor)
    {
        var laidOut = new float[tensor.Count];
        tensor.CopyTo(laidOut);
        var result = new NDArray(_shape);
        if (_isKernel)
        {
            ToPublic(laidOut, result.Values, _shape);
        }
        else
        {
            laidOut.CopyTo(result.Values);
        }
        return result;
    }

    /// <summary>Fills a tensor laid out as this parameter from values in the public layout.</summary>
    public void FromPublic(ReadOnlySpan<float> values, Tensor tensor)
    {
        if (!_isKernel)
        {
            tensor.CopyFrom(values);
            return;
        }
        var laidOut = new float[values.Length];
        ToEngine(values, laidOut, _shape);
        tensor.CopyFrom(laidOut);
    }

    // (kh·kw·in, filters) to (filters, kh·kw·in): one transposition.
    private static void ToEngine(ReadOnlySpan<float> values, Span<float> laidOut, Shape shape)
    {
        int filters = shape[3]!.Value;
        int taps = values.Length / filters;
        for (int t = 0; t < taps; t++)
        {
            for (int f = 0; f < filters; f++)
            {
                laidOut[(f * taps) + t] = values[(t * filters) + f];
            }
        }
    }

    private static void ToPublic(ReadOnlySpan<float> laidOut, Span<float> values, Shape shape)
    {
        int filters = shape[3]!.Value;
        int taps = values.Length / filters;
        for (int t = 0; t < taps; t++)
        {
            for (int f = 0; f < filters; f++)
            {
                values[(t * filters) + f] = laidOut[(f * taps) + t];
            }
        }
    }
}
