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
            value = Cap == 0 ? value : TVector.Min(value, TVector.Create(Cap));
        }
        return LastScale == null
            ? value
            : TVector.MultiplyAdd(value, TVector.Load(LastScale + channel), TVector.Load(LastShift + channel));
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
