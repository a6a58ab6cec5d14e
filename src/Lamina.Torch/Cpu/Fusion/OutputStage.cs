using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// The last operations on each sum of a convolution or product before it is written: y = x · scale + shift, then + added,
/// then min(max(0, y), cap), then y · last scale + last shift. Addresses that are null leave their part out. NaN is kept
/// throughout.
/// </summary>
internal readonly unsafe struct OutputStage
{
    /// <summary>The factors, one per channel; requires <see cref="Shift"/>.</summary>
    public float* Scale { get; init; }

    /// <summary>The shifts, one per channel: a bias or what a normalization adds.</summary>
    public float* Shift { get; init; }

    /// <summary>A tensor of the output's layout.</summary>
    public float* Added { get; init; }

    /// <summary><see langword="true"/> to replace negative values by 0.</summary>
    public bool Rectifies { get; init; }

    /// <summary>The upper limit after <see cref="Rectifies"/>; 0 for none.</summary>
    public float Cap { get; init; }

    /// <summary>The factors after the activation, one per channel; requires <see cref="LastShift"/>.</summary>
    public float* LastScale { get; init; }

    /// <summary>The shifts after the activation, one per channel.</summary>
    public float* LastShift { get; init; }

    /// <summary><see langword="true"/> if it changes nothing.</summary>
    public bool IsEmpty => Shift == null && Added == null && !Rectifies && LastScale == null;

    /// <summary>Returns the stage of a plain convolution: a bias, or none, and optionally the ReLU.</summary>
    public static OutputStage Of(Tensor? bias, bool relu) =>
        new() { Shift = bias is null ? null : bias.ReadData, Rectifies = relu };

    /// <summary>Applies the stage to a vector of neighboring channels.</summary>
    /// <param name="value">The sums.</param>
    /// <param name="channel">The first channel.</param>
    /// <param name="at">The position of the first value in the output.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TVector>(TVector value, nint channel, nint at)
        where TVector : unmanaged, IFloats<TVector>
    {
        if (Shift != null)
        {
            TVector shift = TVector.Load(Shift + channel);
            value = Scale == null ? value + shift : TVector.MultiplyAdd(value, TVector.Load(Scale + channel), shift);
        }
        if (Added != null)
        {
            value += TVector.Load(Added + at);
        }
        if (Rectifies)
        {
            value = TVector.WherePositive(value, value);
            value = Cap == 0 ? value : TVector.AtMost(value, TVector.Create(Cap));
        }
        return LastScale == null
            ? value
            : TVector.MultiplyAdd(value, TVector.Load(LastScale + channel), TVector.Load(LastShift + channel));
    }

    /// <summary>Applies the stage to the same channels of several pixels, and writes them.</summary>
    /// <param name="sums">The sums of the first pixel.</param>
    /// <param name="step">The distance to the sums of the next pixel.</param>
    /// <param name="pixels">The number of pixels.</param>
    /// <param name="channel">The first channel.</param>
    /// <param name="output">The output.</param>
    /// <param name="at">The position of the first pixel's first value in the output.</param>
    /// <param name="stride">The distance to that of the next pixel.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write<TVector>(float* sums, nint step, int pixels, nint channel, float* output, nint at, nint stride)
        where TVector : unmanaged, IFloats<TVector>
    {
        if (LastScale != null)
        {
            for (; pixels > 0; pixels--, sums += step, at += stride)
            {
                Apply(TVector.Load(sums), channel, at).Store(output + at);
            }
            return;
        }
        // x · 1 + −0 is x, also for −0.
        TVector scale = Scale == null ? TVector.Create(1) : TVector.Load(Scale + channel);
        TVector shift = Shift == null ? TVector.Create(-0f) : TVector.Load(Shift + channel);
        TVector cap = TVector.Create(Cap == 0 ? float.PositiveInfinity : Cap);
        for (; pixels > 0; pixels--, sums += step, at += stride)
        {
            TVector value = TVector.MultiplyAdd(TVector.Load(sums), scale, shift);
            if (Added != null)
            {
                value += TVector.Load(Added + at);
            }
            if (Rectifies)
            {
                value = TVector.AtMost(TVector.WherePositive(value, value), cap);
            }
            value.Store(output + at);
        }
    }

    /// <summary>Applies the stage to one value, with the arguments of <see cref="Apply{TVector}"/>.</summary>
    public float Apply(float value, nint channel, nint at)
    {
        if (Shift != null)
        {
            value =
                Scale == null ? value + Shift[channel] : MathF.FusedMultiplyAdd(value, Scale[channel], Shift[channel]);
        }
        value = Added == null ? value : value + Added[at];
        value = Rectifies && value <= 0 ? 0 : value;
        value = Cap > 0 && value > Cap ? Cap : value;
        return LastScale == null ? value : MathF.FusedMultiplyAdd(value, LastScale[channel], LastShift[channel]);
    }
}
