namespace Lamina;

public static partial class Ops
{
    /// <summary>
    /// Returns the gradient of the sum of a tensor's elements by another tensor, as a tensor. Losses can contain it and
    /// are differentiated through it: gradient penalties, or gradients of gradients.
    /// </summary>
    /// <remarks>
    /// Any path may contain dense layers, matrix products, convolutions, activations, dropout, batch normalization, average
    /// pooling side by side, and elementwise, layout and reduction ops. Other ops, such as max pooling, are refused by
    /// name. The result is computed wherever the graph is: in training, in a prediction, or in a
    /// <c>GradientFunction</c>.
    /// </remarks>
    /// <param name="of">The tensor, of any shape. Of one value per sample, each sample has its own gradient.</param>
    /// <param name="by">An input, the output of a layer that it depends on, or a weight.</param>
    /// <returns>The gradient, in the shape of <paramref name="by"/>.</returns>
    /// <exception cref="GraphException">
    /// No gradient reaches the tensor, or an op between them has no gradient that can be differentiated again.
    /// </exception>
    public static Symbol Gradient(Symbol of, Symbol by)
    {
        ArgumentNullException.ThrowIfNull(of);
        ArgumentNullException.ThrowIfNull(by);
        if (of.Shape.HasUnknownSample || by.Shape.HasUnknownSample)
        {
            throw new GraphException(
                $"{of}: gradients need known sizes. Build it on an Input with sizes, or on the result of ForInput."
            );
        }
        return Layer.Current is null && of.Node is not null && by.Node is not null
            ? new GradientOperation().Apply(of, by)
            : GradientWalk.Record(of, [by])[0];
    }
}
