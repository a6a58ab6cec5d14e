namespace Lamina.Torch.Kernels;

/// <summary>
/// The work around a rule that is done in the same pass over memory where a backend can. Before the rule, the gradient
/// becomes Scale · clip(Share · (gradient + Accumulated)); after it, the average becomes Momentum · average +
/// (1 − Momentum) · weight.
/// </summary>
internal readonly record struct UpdateContext
{
    /// <summary>The gradients of previous batches; <see langword="null"/> for none.</summary>
    public Tensor? Accumulated { get; init; }

    /// <summary>The weight of each batch among several.</summary>
    public double Share { get; init; }

    /// <summary>The maximum magnitude of the gradient's elements; <see langword="null"/> for no limit.</summary>
    public double? Clip { get; init; }

    /// <summary>The factor of the gradient; <see langword="null"/> for none.</summary>
    public double? Scale { get; init; }

    /// <summary>The weight's moving average; <see langword="null"/> for none.</summary>
    public Tensor? Average { get; init; }

    /// <summary>The share of the average that is kept.</summary>
    public double Momentum { get; init; }

    /// <summary><see langword="true"/> if there is nothing to do.</summary>
    public bool IsEmpty => Accumulated is null && Clip is null && Scale is null && Average is null;

    /// <summary>Keeps the tensors alive until this call.</summary>
    public void KeepAlive()
    {
        GC.KeepAlive(Accumulated);
        GC.KeepAlive(Average);
    }
}
