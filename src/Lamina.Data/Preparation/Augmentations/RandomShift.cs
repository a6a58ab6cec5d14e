using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Shifts images by a uniformly random number of whole pixels, up to a fraction of the input size in each direction. This
/// equals padding with black and cropping at random.
/// </summary>
/// <param name="Share">The largest shift as a fraction of the input's height and width, 0 to 1. Default: 0.1.</param>
public sealed record RandomShift(double Share = 0.1) : Augmentation
{
    /// <inheritdoc/>
    public override void ChooseWindow(ref SampleWindow window, SampleFrame frame, ref RandomStream random)
    {
        window.Top += Draw(frame.Target.Height, ref random) * window.Height / frame.Target.Height;
        window.Left += Draw(frame.Target.Width, ref random) * window.Width / frame.Target.Width;
    }

    /// <inheritdoc/>
    public override void Validate(Preprocessing? preprocessing = null) =>
        Require(Share is >= 0 and <= 1, $"Share is {Share}; it must be from 0 to 1.");

    /// <inheritdoc/>
    public override JsonObject ToJson() => new() { ["name"] = "random_shift", ["share"] = Share };

    private int Draw(int size, ref RandomStream random)
    {
        int most = (int)(size * Share);
        return random.NextInt32((2 * most) + 1) - most;
    }
}
