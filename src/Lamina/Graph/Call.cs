namespace Lamina;

/// <summary>
/// A layer that is ready to be applied, as the factories of <see cref="Layers"/> return it. Each call applies the same
/// layer with the same weights.
/// </summary>
/// <typeparam name="TLayer">The layer's class.</typeparam>
/// <param name="inputs">The symbols that the layer is applied to.</param>
/// <returns>The layer's output.</returns>
public delegate Symbol Call<out TLayer>(params ReadOnlySpan<Symbol> inputs)
    where TLayer : Layer;

/// <summary>Extensions that return the layer behind a <see cref="Call{TLayer}"/>.</summary>
public static class CallExtensions
{
    extension<TLayer>(Call<TLayer> call)
        where TLayer : Layer
    {
        /// <summary>The layer that this call applies.</summary>
        public TLayer Layer => (TLayer)call.Target!;
    }
}
