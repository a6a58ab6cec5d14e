namespace Lamina;

/// <summary>The rules by which gradients pass a ReLU backward.</summary>
public enum ReluRule
{
    /// <summary>The derivative: a gradient passes where the ReLU's input is above 0.</summary>
    Derivative,

    /// <summary>
    /// Guided backpropagation (Springenberg et al., 2015): a gradient passes where both the input and the gradient are
    /// above 0.
    /// </summary>
    Guided,
}
