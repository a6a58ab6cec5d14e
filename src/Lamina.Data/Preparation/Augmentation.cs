namespace Lamina;

/// <summary>
/// A random change to an image in training. It draws from the stream it is given and from nothing else; that stream is
/// named by (seed, epoch, image), so the same seed gives the same changes in any order and on any number of threads.
/// </summary>
public abstract record Augmentation
{
    /// <summary>Moves or mirrors the part of the image that is taken, before it is resized.</summary>
    /// <param name="window">The part so far, in pixels of the decoded image.</param>
    /// <param name="target">The size that the part is resized to.</param>
    /// <param name="random">Where draws come from.</param>
    public abstract void ChooseWindow(ref SampleWindow window, Size2 target, ref RandomStream random);
}

/// <summary>Mirrors images, left for right.</summary>
/// <param name="Probability">How often, from 0 to 1; 0.5.</param>
public sealed record RandomFlip(double Probability = 0.5) : Augmentation
{
    /// <inheritdoc/>
    public override void ChooseWindow(ref SampleWindow window, Size2 target, ref RandomStream random) =>
        window.Mirrored ^= random.NextDouble() < Probability;
}

/// <summary>
/// Shifts images by whole pixels of the input, up to a share of its size in each direction, each shift equally likely:
/// the same as padding with black and cutting out at random.
/// </summary>
/// <param name="Share">The largest shift, as a share of the input's height and width, from 0 to below 1; 0.1.</param>
public sealed record RandomShift(double Share = 0.1) : Augmentation
{
    /// <inheritdoc/>
    public override void ChooseWindow(ref SampleWindow window, Size2 target, ref RandomStream random)
    {
        window.Top += Draw(target.Height, ref random) * window.Height / target.Height;
        window.Left += Draw(target.Width, ref random) * window.Width / target.Width;
    }

    private int Draw(int size, ref RandomStream random)
    {
        int most = (int)(size * Math.Clamp(Share, 0, 1));
        return random.NextInt32((2 * most) + 1) - most;
    }
}
