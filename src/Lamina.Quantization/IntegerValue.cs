namespace Lamina.Quantization;

/// <summary>The properties of a value's code that are known before its numbers.</summary>
internal enum CodeKind
{
    /// <summary>Float32, without a code.</summary>
    Float,

    /// <summary>Byte 0 stands for 0, as after a ReLU.</summary>
    ZeroBased,

    /// <summary>One byte stands for 0 in all channels.</summary>
    Shifted,

    /// <summary>Each channel has its own scale and shift; 0 need not be among its values.</summary>
    Affine,
}

/// <summary>A tensor that one step computes and others read.</summary>
/// <param name="Id">Its index in the plan.</param>
/// <param name="Slot">The op node whose output it is.</param>
/// <param name="Channels">The size of the last dimension.</param>
/// <param name="Kind">The kind of its code.</param>
/// <param name="PerChannel"><see langword="true"/> if channels may have their own scales.</param>
internal sealed record IntegerValue(int Id, int Slot, int Channels, CodeKind Kind, bool PerChannel)
{
    /// <summary>The code, once it was derived; unknown and not required in a loaded model.</summary>
    public Code? Code { get; set; }

    /// <summary><see langword="true"/> if the value consists of bytes.</summary>
    public bool IsBytes => Kind != CodeKind.Float;

    /// <summary><see langword="true"/> if all channels share one code.</summary>
    public bool IsUniform => !PerChannel && Kind != CodeKind.Affine;
}
