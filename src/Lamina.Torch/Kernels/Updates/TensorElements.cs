namespace Lamina.Torch.Kernels;

/// <summary>Whole tensors, computed by libtorch's dispatcher.</summary>
/// <param name="values">The tensor; <see langword="null"/> for a slot that a rule does not have.</param>
/// <param name="made">Receives what is computed, to be freed together.</param>
internal readonly struct TensorElements(Tensor? values, List<Tensor> made) : IElements<TensorElements>
{
    /// <summary>The tensor.</summary>
    public Tensor? Values { get; } = values;

    public static TensorElements operator +(TensorElements a, TensorElements b) =>
        a.With(Aten.Add(a.Values!, b.Values!));

    public static TensorElements operator -(TensorElements a, TensorElements b) =>
        a.With(Aten.Subtract(a.Values!, b.Values!));

    public static TensorElements operator *(TensorElements a, TensorElements b) =>
        a.With(Aten.Mul(a.Values!, b.Values!));

    public static TensorElements operator /(TensorElements a, TensorElements b) =>
        a.With(Aten.Div(a.Values!, b.Values!));

    public static TensorElements operator *(TensorElements a, float b) => a.With(Aten.Mul(a.Values!, b));

    public static TensorElements operator +(TensorElements a, float b) => a.With(Aten.Add(a.Values!, b));

    public static TensorElements Sqrt(TensorElements x) => x.With(Aten.Unary("aten::sqrt"u8, x.Values!));

    public static TensorElements Abs(TensorElements x) => x.With(Aten.Unary("aten::abs"u8, x.Values!));

    public static TensorElements Sign(TensorElements x) => x.With(Aten.Unary("aten::sign"u8, x.Values!));

    public static TensorElements Masked(TensorElements condition, TensorElements value)
    {
        using Tensor mask = Aten.Binary("aten::ne"u8, condition.Values!, 0);
        return value.With(Aten.Masked(mask, value.Values!));
    }

    public static TensorElements Max(TensorElements a, TensorElements b) =>
        a.With(Aten.Binary("aten::maximum"u8, default, a.Values!, b.Values!));

    private TensorElements With(Tensor result)
    {
        made.Add(result);
        return new(result, made);
    }
}
