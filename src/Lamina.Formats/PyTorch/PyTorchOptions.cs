namespace Lamina;

/// <summary>Options of matching a model's layers with a PyTorch state dict's modules.</summary>
public sealed record PyTorchOptions
{
    /// <summary>
    /// The modules' names in the state dict, one for each layer with weights, in the model's order; for torchvision's
    /// AlexNet <c>features.0</c>, <c>features.3</c>… Default: <see langword="null"/>, for the layers' own names.
    /// </summary>
    public IReadOnlyList<string>? Modules { get; init; }

    /// <summary>
    /// The names of layers whose weights are not loaded, whatever the file contains for them: for example the last
    /// Dense, to learn other classes. Default: none.
    /// </summary>
    public IReadOnlyList<string> Skip { get; init; } = [];
}
