namespace Lamina;

/// <summary>Extensions of layers and models that read and replace all weights at once, as arrays.</summary>
public static class LayerWeights
{
    extension(Layer layer)
    {
        /// <summary>Returns copies of the values of all weights, in the order of <see cref="Layer.Weights"/>.</summary>
        public IReadOnlyList<NDArray> GetWeights() =>
            [.. layer.Weights.Select(w => new NDArray(w.Shape, w.GetValues()))];

        /// <summary>Replaces the values of all weights. All shapes are checked before the first weight changes.</summary>
        /// <param name="values">The values, in the order of <see cref="Layer.Weights"/>.</param>
        /// <exception cref="ShapeException">The number of arrays or the shape of one does not match.</exception>
        public void SetWeights(IReadOnlyList<NDArray> values)
        {
            ArgumentNullException.ThrowIfNull(values);
            IReadOnlyList<Weight> weights = layer.Weights;
            if (values.Count != weights.Count)
            {
                throw new ShapeException($"{layer} has {weights.Count} weights, got {values.Count} arrays.");
            }
            for (int i = 0; i < weights.Count; i++)
            {
                ArgumentNullException.ThrowIfNull(values[i], nameof(values));
                if (values[i].Shape != weights[i].Shape)
                {
                    throw new ShapeException(
                        $"{layer}: array {i} is {values[i].Shape}, but {weights[i].Path} is {weights[i].Shape}."
                    );
                }
            }
            for (int i = 0; i < weights.Count; i++)
            {
                weights[i].SetValues(values[i].Values);
            }
        }
    }
}
