using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Crops the input from the resized image at a uniformly random position (Krizhevsky et al. 2012, section 4.1: 224×224 of
/// the central 256×256). <see cref="Preprocessing.ShortSide"/> must be set.
/// </summary>
/// <param name="WholeImage">
/// <see langword="true"/> for any position in the resized image; <see langword="false"/> for positions in the central
/// ShortSide×ShortSide square, as in the paper.
/// </param>
public sealed record RandomCrop(bool WholeImage = false) : Augmentation
{
    /// <inheritdoc/>
    public override void ChooseWindow(ref SampleWindow window, SampleFrame frame, ref RandomStream random)
    {
        (Size2 area, int top, int left) = WholeImage
            ? (frame.Resized, 0, 0)
            : (frame.Center, frame.CenterTop, frame.CenterLeft);
        top += random.NextInt32(area.Height - frame.Target.Height + 1);
        left += random.NextInt32(area.Width - frame.Target.Width + 1);
        window = frame.WindowAt(top, left) with { Mirrored = window.Mirrored };
    }

    /// <inheritdoc/>
    public override void Validate(Preprocessing? preprocessing = null) =>
        Require(
            preprocessing is null or { Resize: ResizeMode.CenterCrop, ShortSide: not null },
            "requires an image larger than the input. Set ShortSide of the preprocessing (256 for an input of 224), with CenterCrop."
        );

    /// <inheritdoc/>
    public override JsonObject ToJson() => new() { ["name"] = "random_crop", ["whole_image"] = WholeImage };
}
