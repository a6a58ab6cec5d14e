namespace Lamina;

/// <summary>
/// The precision in which a model computes. Weights, the optimizer's state, statistics, sums and the loss are float32 in each of
/// them, so files and checkpoints do not depend on it.
/// </summary>
public enum ComputePrecision
{
    /// <summary>32 bits throughout.</summary>
    Float32,

    /// <summary>
    /// Float32 whose matrix products and convolutions round their factors to a 10-bit fraction on a GPU, several times faster.
    /// The same as <see cref="Float32"/> on other devices.
    /// </summary>
    Tf32,

    /// <summary>
    /// Matrix products, convolutions and the activations between them in bfloat16, which has the range of float32 and a 7-bit
    /// fraction, like Keras's policy <c>mixed_bfloat16</c>. Normalizations, softmax and the loss compute in float32. Meant for
    /// GPUs; on a CPU it is not faster than float32 and serves to check the results of a GPU.
    /// </summary>
    BFloat16,
}
