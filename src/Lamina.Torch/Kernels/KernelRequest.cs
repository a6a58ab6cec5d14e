namespace Lamina.Torch.Kernels;

/// <summary>What a plan asks of one of its kernels.</summary>
internal readonly record struct KernelRequest
{
    /// <summary>The device that the plan runs on.</summary>
    public Device Device { get; init; }

    /// <summary>The op's place in the plan; names dropout's random stream.</summary>
    public int Index { get; init; }

    /// <summary>
    /// <see langword="true"/> if the kernel also does the ReLU that follows: for inference, where
    /// <see cref="KernelFactory.CanFuseRelu"/>.
    /// </summary>
    public bool FuseRelu { get; init; }

    /// <summary>The precision of dense kernels in inference, on backends that have another than float32.</summary>
    public WeightPrecision Precision { get; init; }
}
