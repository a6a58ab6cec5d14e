namespace Lamina;

/// <summary>The result of a <see cref="GradientFunction"/>.</summary>
/// <param name="Loss">The loss, in its own shape: a number, or one per sample.</param>
/// <param name="Gradients">
/// The gradients of the sum of the loss's elements, in the order in which they were requested, in the shapes of their
/// symbols; kernels have Keras's layout.
/// </param>
/// <param name="Values">The values of <see cref="GradientOptions.Values"/>, in their order.</param>
public sealed record GradientResult(NDArray Loss, IReadOnlyList<NDArray> Gradients, IReadOnlyList<NDArray> Values);
