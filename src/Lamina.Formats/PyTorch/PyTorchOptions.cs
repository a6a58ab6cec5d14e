namespace Lamina;

/// <summary>How a model's layers and a PyTorch state dict's modules find each other.</summary>
public sealed record PyTorchOptions
{
    /// <summary>
    /// The modules' names in the state dict, one for each layer that has weights, in the model's order: for torchvision's
    /// AlexNet <c>features.0</c>, <c>features.3</c>… <see langword="null"/>, the default, for the layers' own names.
    /// </summary>
    public IReadOnlyList<string>? Modules { get; init; }

    /// <summary>
    /// The names of layers whose weights are left as they are when loading, whatever the file has for them: the last Dense,
    /// to learn other classes. None by default.
    /// </summary>
    public IReadOnlyList<string> Skip { get; init; } = [];
}
