namespace Lamina.Torch.Kernels;

/// <summary>The requirements of a plan on one of its kernels.</summary>
internal readonly record struct KernelRequest
{
    /// <summary>The device that the plan runs on.</summary>
    public Device Device { get; init; }

    /// <summary>The op's position in the plan, which is part of the key of dropout's random stream.</summary>
    public int Index { get; init; }

    /// <summary>
    /// <see langword="true"/> if the plan runs forward only, and its layers behave as in inference.
    /// </summary>
    public bool Inference { get; init; }

    /// <summary>
    /// The ops to compute in the same step, for which <see cref="KernelFactory.CanFuse"/> is <see langword="true"/>;
    /// <see langword="null"/> for none.
    /// </summary>
    public Epilogue? Epilogue { get; init; }

    /// <summary><see langword="true"/> to apply the ReLU that follows.</summary>
    public bool FuseRelu => Epilogue == Epilogue.Relu;

    /// <summary>The precision of dense kernels in inference, on backends that support others than float32.</summary>
    public WeightPrecision Precision { get; init; }

    /// <summary>
    /// <see langword="true"/> if dense kernels may be kept in bfloat16 in inference, on backends with loops for it.
    /// </summary>
    public bool KeepsBFloat16 { get; init; }
}
