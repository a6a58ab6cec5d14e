using Lamina.Runs.Sources;

namespace Lamina.Runs;

/// <summary>
/// The initial weights of a training, and the layers to freeze. The head is replaced if the classes differ.
/// </summary>
/// <param name="Path">A run folder, a saved model, or a file of any format of <c>ModelFormats</c>.</param>
public sealed record StartingWeights(string Path)
{
    /// <summary>
    /// The zoo model that the weights belong to, one of <see cref="Zoo.Names"/>. Default: <see langword="null"/>, the model in
    /// the file.
    /// </summary>
    public string? Model { get; init; }

    /// <summary>
    /// The layers to freeze: <c>features</c> (all before the dense layers), <c>backbone</c> (all but the head),
    /// names, or patterns such as <c>conv*</c>. Default: none.
    /// </summary>
    public IReadOnlyList<string> Freeze { get; init; } = [];

    /// <summary><see langword="true"/> to train layers that are frozen in the file. Default: <see langword="false"/>.</summary>
    public bool Unfreeze { get; init; }

    /// <summary>
    /// The number of epochs after which frozen layers are trained too, except batch normalization; at least 1 and below the
    /// recipe's epochs. Default: <see langword="null"/>, never.
    /// </summary>
    public int? UnfreezeAfter { get; init; }

    /// <summary>
    /// <see langword="true"/> to fine-tune: after a new head, the layers of the trunk are unfrozen stage by stage from the top,
    /// lower stages with a smaller learning rate, batch normalization frozen. Each stage ends early when the loss of validation
    /// images no longer falls, with the weights of its best epoch; without validation data, a tenth of the training images are
    /// held out. Requires <see cref="Freeze"/> to be <c>backbone</c>. Default: <see langword="false"/>.
    /// </summary>
    public bool FineTune { get; init; }

    /// <summary>
    /// The features that a new head has on a frozen backbone, or on a pretrained network. Default:
    /// <see cref="TrunkFeatures.Stages"/>.
    /// </summary>
    public TrunkFeatures Features { get; init; } = TrunkFeatures.Stages;

    /// <summary>
    /// The learning rate after <see cref="UnfreezeAfter"/>, or with <see cref="FineTune"/> of the highest stage. Default:
    /// <see langword="null"/>, a tenth of the recipe's.
    /// </summary>
    public double? UnfreezeRate { get; init; }

    /// <summary>
    /// The preprocessing of images: one of <see cref="SourceSettings.PreprocessingNames"/>, or a JSON or ONNX file as
    /// <see cref="SourceSettings.Preprocessing"/> accepts it. Default: <see langword="null"/>, what the file says; if a network
    /// of colors says nothing, the preset whose features separate the classes of some training images best, with a warning.
    /// </summary>
    public string? Preprocessing { get; init; }

    /// <summary>The pretrained network that the path is the file of; null if it is no known one.</summary>
    internal PretrainedNetwork? Pretrained { get; init; }

    /// <summary>The content of the path, if it is already loaded.</summary>
    internal SourceModel? Loaded { get; init; }
}
