namespace Lamina.Torch.Kernels;

/// <summary>The requirements of a plan on one of its kernels.</summary>
internal readonly record struct KernelRequest
{
    /// <summary>The device that the plan runs on.</summary>
    public Device Device { get; init; }

    /// <summary>The op's position in the plan, which is part of the key of dropout's random stream.</summary>
    public int Index { get; init; }

    /// <summary>
    /// <see langword="true"/> to apply the ReLU that follows: for inference, if
    /// <see cref="KernelFactory.CanFuseRelu"/>.
    /// </summary>
    public bool FuseRelu { get; init; }

    /// <summary>The precision of dense kernels in inference, on backends that support others than float32.</summary>
    public WeightPrecision Precision { get; init; }
}
