namespace Lamina.Torch.Kernels;

/// <summary>
/// Elements of tensors, as a backend with loops computes with them: as many as its vectors hold. A rule does not depend on
/// their number.
/// </summary>
internal interface IElements<T>
    where T : struct, IElements<T>
{
    /// <summary>Returns a + b.</summary>
    static abstract T operator +(T a, T b);

    /// <summary>Returns a − b.</summary>
    static abstract T operator -(T a, T b);

    /// <summary>Returns a · b.</summary>
    static abstract T operator *(T a, T b);

    /// <summary>Returns a / b.</summary>
    static abstract T operator /(T a, T b);

    /// <summary>Returns a · b.</summary>
    static abstract T operator *(T a, float b);

    /// <summary>Returns a + b.</summary>
    static abstract T operator +(T a, float b);

    /// <summary>Returns √x.</summary>
    static abstract T Sqrt(T x);

    /// <summary>Returns |x|.</summary>
    static abstract T Abs(T x);

    /// <summary>Returns −1, 0 or 1.</summary>
    static abstract T Sign(T x);

    /// <summary>Returns a value where a condition is not 0, and 0 elsewhere.</summary>
    static abstract T Masked(T condition, T value);

    /// <summary>Returns the greater of a and b.</summary>
    static abstract T Max(T a, T b);
}

/// <summary>An update rule that treats every element alike.</summary>
internal interface IElementRule
{
    /// <summary>Returns the new values of a weight.</summary>
    /// <param name="w">The values.</param>
    /// <param name="g">The gradient.</param>
    /// <param name="a">The first slot, changed in place.</param>
    /// <param name="b">The second slot, changed in place.</param>
    /// <param name="c">The third slot, changed in place.</param>
    T Step<T>(T w, T g, ref T a, ref T b, ref T c)
        where T : struct, IElements<T>;
}
