namespace Lamina;

/// <summary>The version of Keras whose layout a summary has.</summary>
public enum SummaryStyle
{
    /// <summary>The ruled table of Keras 2.7 to 2.12: 65 columns, or 98 if the graph is not a chain.</summary>
    Keras2,

    /// <summary>The boxed table of Keras 3, with the memory size of the parameters.</summary>
    Keras3,
}
