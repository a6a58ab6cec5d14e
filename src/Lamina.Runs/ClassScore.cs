namespace Lamina.Runs;

/// <summary>A class with its probability.</summary>
/// <param name="Index">The class's index among the model's classes.</param>
/// <param name="Class">The class's name.</param>
/// <param name="Probability">The probability, 0 to 1.</param>
public readonly record struct ClassScore(int Index, string Class, float Probability);
