using System.Runtime.InteropServices;

namespace Lamina.Torch;

/// <summary>
/// The values of a weight in a tensor. Convolution kernels are stored as (filters, kh, kw, C / groups), which is
/// channels_last to libtorch; everything else as in the public layout.
/// </summary>
internal sealed class TorchParameter : IWeightStorage
{
    private readonly Shape _shape;
    private readonly bool _isKernel;
    private readonly Device _device;

    private TorchParameter(Weight weight, bool isKernel, Device device, MappedValues? mapped)
    {
        _shape = weight.Shape;
        (_isKernel, _device) = (isKernel, device);
        int[] dims = weight.Shape.ToArray();
        Sizes = isKernel ? [dims[3], dims[0], dims[1], dims[2]] : [.. dims.Select(d => (long)d)];
        // Kernels of convolutions have another layout than in the file.
        Value =
            mapped is not null && !isKernel && device.Memory == Device.Cpu
                ? Tensor.Over(mapped.Values, Sizes)
                : Tensor.Empty(Sizes, DType.Float32, device);
    }

    /// <summary>The sizes in the engine's layout.</summary>
    public long[] Sizes { get; }

    /// <summary><see langword="true"/> if the values are stored as a convolution's kernel.</summary>
    public bool IsKernel => _isKernel;

    /// <summary>The values.</summary>
    public Tensor Value { get; private set; }

    /// <summary>Returns the storage of a weight on this device, moving its values there if necessary.</summary>
    public static TorchParameter Of(Weight weight, bool isKernel, Device device)
    {
        if (weight.Storage is TorchParameter held && held.Value.Device == device.Memory && held._isKernel == isKernel)
        {
            return held;
        }
        var parameter = new TorchParameter(weight, isKernel, device, weight.Storage as MappedValues);
        weight.MoveTo(parameter);
        return parameter;
    }

    /// <summary>
    /// Returns the storage of a weight in this one's layout and on its device, moving its values there if necessary.
    /// </summary>
    public TorchParameter Same(Weight weight) => Of(weight, _isKernel, _device);

    /// <summary>Replaces the values by others of the same layout.</summary>
    /// <returns>The previous values, which the caller owns.</returns>
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
        using var laidOut = new Buffer(Value.Count);
        Value.CopyTo(laidOut.Values);
        ToPublic(laidOut.Values, destination, _shape);
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<float> values)
    {
        if (!_isKernel)
        {
            // A tensor over a mapped file already has the file's values.
            if (!(Value.IsCpuFloat && values == Value.AsSpan()))
            {
                Value.CopyFrom(values);
            }
            return;
        }
        using var laidOut = new Buffer(values.Length);
        ToEngine(values, laidOut.Values, _shape);
        Value.CopyFrom(laidOut.Values);
    }

    /// <inheritdoc/>
    public void Fill(Action<Span<float>> fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        if (!_isKernel && Value.IsCpuFloat)
        {
            fill(Value.WriteSpan());
            return;
        }
        using var values = new Buffer(Value.Count);
        fill(values.Values);
        Write(values.Values);
    }

    /// <summary>Frees the values.</summary>
    public void Dispose() => Value.Dispose();

    /// <summary>Converts a tensor in this parameter's layout (such as its momentum) to the public layout.</summary>
    public NDArray ToPublic(Tensor tensor)
    {
        var result = new NDArray(_shape);
        if (!_isKernel)
        {
            tensor.CopyTo(result.Values);
            return result;
        }
        using var laidOut = new Buffer(tensor.Count);
        tensor.CopyTo(laidOut.Values);
        ToPublic(laidOut.Values, result.Values, _shape);
        return result;
    }

    /// <summary>Fills a tensor in this parameter's layout from values in the public layout.</summary>
    public void FromPublic(ReadOnlySpan<float> values, Tensor tensor)
    {
        if (!_isKernel)
        {
            tensor.CopyFrom(values);
            return;
        }
        using var laidOut = new Buffer(values.Length);
        ToEngine(values, laidOut.Values, _shape);
        tensor.CopyFrom(laidOut.Values);
    }

    // One transposition, from (kh·kw·in, filters) to (filters, kh·kw·in).
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

    /// <summary>Memory that is freed at once, which the garbage collector would not do for a long time.</summary>
    private readonly unsafe ref struct Buffer(long count)
    {
        private readonly float* _values = (float*)NativeMemory.Alloc((nuint)count, sizeof(float));

        public Span<float> Values => new(_values, checked((int)count));

        public void Dispose() => NativeMemory.Free(_values);
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
