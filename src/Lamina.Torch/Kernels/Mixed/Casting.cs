namespace Lamina.Torch.Kernels.Mixed;

/// <summary>Conversions between float32 and bfloat16; tensors of other types pass through.</summary>
internal static class Casting
{
    /// <summary>Returns the values rounded to one type and stored in another: a second handle where nothing changes.</summary>
    /// <param name="x">The values.</param>
    /// <param name="values">The type to round to.</param>
    /// <param name="stored">The type of the result.</param>
    /// <param name="keepsFloat"><see langword="true"/> to leave float32 alone, so that the same memory is written to.</param>
    public static Tensor To(Tensor x, DType values, DType stored, bool keepsFloat)
    {
        if (!IsFloat(x.DType) || (keepsFloat && x.DType == DType.Float32) || (x.DType == values && values == stored))
        {
            return x.Duplicate();
        }
        if (x.DType == values || values == DType.Float32)
        {
            return Copy(x, stored);
        }
        return Take(Copy(x, values), stored);
    }

    /// <summary>Returns the values in a type.</summary>
    /// <param name="x">The values; disposed unless they are the result.</param>
    /// <param name="type">The type, float32 or bfloat16.</param>
    public static Tensor Take(Tensor x, DType type)
    {
        if (x.DType == type || !IsFloat(x.DType))
        {
            return x;
        }
        using (x)
        {
            return Copy(x, type);
        }
    }

    private static bool IsFloat(DType type) => type is DType.Float32 or DType.BFloat16;

    private static Tensor Copy(Tensor x, DType type)
    {
        Tensor result = Tensor.Empty(x.Sizes, type, x.Device);
        result.CopyFrom(x);
        return result;
    }
}
