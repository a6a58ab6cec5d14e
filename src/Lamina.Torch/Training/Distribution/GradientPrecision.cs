namespace Lamina;

/// <summary>The type in which ranks send gradients to each other.</summary>
public enum GradientPrecision
{
    /// <summary>float32: gradients arrive as they were computed.</summary>
    Float32,

    /// <summary>bfloat16 with error feedback: half as many bytes.</summary>
    BFloat16,
}
