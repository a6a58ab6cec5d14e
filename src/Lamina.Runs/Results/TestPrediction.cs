namespace Lamina.Runs;

/// <summary>A test image with its predicted class.</summary>
/// <param name="Image">The index of the image in the test data, from 0.</param>
/// <param name="Truth">The true class, an index into the classes.</param>
/// <param name="Predicted">The predicted class, an index into the classes.</param>
/// <param name="Probability">The probability of the predicted class, 0 to 1.</param>
public readonly record struct TestPrediction(int Image, int Truth, int Predicted, double Probability);
