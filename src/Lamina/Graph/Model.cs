namespace Lamina;

/// <summary>x</summary>
public class Model(string? name) : Layer(name)
{
    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => inputs[0];
}
