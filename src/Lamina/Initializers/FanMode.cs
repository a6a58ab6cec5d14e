namespace Lamina;

/// <summary>The number of connections that a variance-scaling initializer divides by.</summary>
public enum FanMode
{
    /// <summary>The number of inputs of a unit.</summary>
    FanIn,

    /// <summary>The number of outputs of a unit.</summary>
    FanOut,

    /// <summary>The mean of both.</summary>
    FanAvg,
}
