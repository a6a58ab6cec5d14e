using Lamina.Runs;

namespace Lamina.Serving;

/// <summary>A served model about which the page can show more than its outputs.</summary>
internal interface IViewableModel
{
    /// <summary>The facts about the model; <see langword="null"/> if there are none.</summary>
    ModelCard? Card { get; }

    /// <summary><see langword="true"/> if the first output is probabilities.</summary>
    bool GivesProbabilities { get; }

    /// <summary>The reason why there is no view of the network, a sentence; <see langword="null"/> if there is one.</summary>
    string? WhyNoView { get; }

    /// <summary>Creates a viewer, which the caller disposes.</summary>
    /// <exception cref="LaminaException">The network cannot be copied.</exception>
    NetworkViewer CreateViewer();
}
