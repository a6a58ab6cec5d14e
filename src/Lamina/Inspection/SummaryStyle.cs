namespace Lamina;

/// <summary>Whose text a model's summary is.</summary>
public enum SummaryStyle
{
    /// <summary>The ruled table of Keras 2.7 to 2.12: 65 columns, or 98 where the graph is not a chain.</summary>
    Keras2,

    /// <summary>The boxed table of Keras 3, with the memory that parameters take.</summary>
    Keras3,
}
