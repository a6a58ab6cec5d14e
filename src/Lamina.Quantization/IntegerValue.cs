namespace Lamina.Quantization;

/// <summary>How much is known of a value's code before there are numbers.</summary>
internal enum CodeKind
{
    /// <summary>Float32: no code.</summary>
    Float,

    /// <summary>Byte 0 stands for 0: what a ReLU leaves.</summary>
    ZeroBased,

    /// <summary>One byte stands for 0 in all channels.</summary>
    Shifted,

    /// <summary>Each channel has its own scale and shift; 0 need not be among its values.</summary>
    Affine,
}

/// <summary>A tensor that one step makes and others read.</summary>
/// <param name="Id">Its place in the plan.</param>
/// <param name="Slot">The op node whose output it is.</param>
/// <param name="Channels">The last dimension.</param>
/// <param name="Kind">What its code is like.</param>
/// <param name="PerChannel">Whether channels may have scales of their own.</param>
internal sealed record IntegerValue(int Id, int Slot, int Channels, CodeKind Kind, bool PerChannel)
{
    /// <summary>The code, once it was derived; not known, nor needed, where a model was loaded.</summary>
    public Code? Code { get; set; }

    /// <summary>Whether it is bytes.</summary>
    public bool IsBytes => Kind != CodeKind.Float;

    /// <summary>Whether all channels have one code.</summary>
    public bool IsUniform => !PerChannel && Kind != CodeKind.Affine;
}
