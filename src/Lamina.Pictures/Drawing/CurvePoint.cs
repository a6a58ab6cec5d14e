namespace Lamina;

/// <summary>The results of one epoch of training.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Loss">The mean training loss.</param>
/// <param name="Accuracy">The training accuracy, 0 to 1, if it was measured.</param>
/// <param name="ValidationLoss">The validation loss, if there was one.</param>
/// <param name="ValidationAccuracy">The validation accuracy, 0 to 1, if there was one.</param>
/// <param name="LearningRate">The learning rate at the end of the epoch, if it is known.</param>
public sealed record CurvePoint(
    int Epoch,
    double Loss,
    double? Accuracy = null,
    double? ValidationLoss = null,
    double? ValidationAccuracy = null,
    double? LearningRate = null
);
