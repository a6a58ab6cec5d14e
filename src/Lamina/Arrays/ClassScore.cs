namespace Lamina;

/// <summary>A class with its probability.</summary>
/// <param name="Index">The index of the class in the model's outputs.</param>
/// <param name="Class">The name of the class.</param>
/// <param name="Probability">The model's output for the class: its probability, 0 to 1, if the output is a softmax.</param>
public readonly record struct ClassScore(int Index, string Class, float Probability);
