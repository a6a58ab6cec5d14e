namespace Lamina.Runs;

/// <summary>The outputs of a trained network that a new head classifies images by.</summary>
public enum TrunkFeatures
{
    /// <summary>The output of the last layer before the head.</summary>
    Last,

    /// <summary>Averages of the outputs of all stages, and the last one's; see <see cref="ModelTrunk.WithStages"/>.</summary>
    Stages,
}
