using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A random change to a training image. It draws only from the random stream that it receives, which depends on (seed,
/// epoch, image): the same seed makes the same changes in any order and on any number of threads. All windows are chosen
/// first, then all pixels are changed, each in the order of the augmentations.
/// </summary>
public abstract record Augmentation
{
    /// <summary>Moves, scales or mirrors the window to cut out, before it is resized.</summary>
    /// <param name="window">The window so far, in pixels of the decoded image.</param>
    /// <param name="frame">The sizes of the image, before and after resizing, and of the input.</param>
    /// <param name="random">The random stream to draw from.</param>
    public virtual void ChooseWindow(ref SampleWindow window, SampleFrame frame, ref RandomStream random) { }

    /// <summary><see langword="true"/> if <see cref="ChangePixels"/> does anything; otherwise a pass over the pixels is saved.</summary>
    public virtual bool ChangesPixels => false;

    /// <summary>Changes the resized pixels, before scaling and mean subtraction.</summary>
    /// <param name="pixels">(height, width, channels) values, 0 to 255 unless an earlier augmentation exceeds this range.</param>
    /// <param name="size">The height and width.</param>
    /// <param name="channels">1 for gray, 3 for RGB.</param>
    /// <param name="random">The random stream to draw from.</param>
    public virtual void ChangePixels(Span<float> pixels, Size2 size, int channels, ref RandomStream random) { }

    /// <summary>
    /// The factor by which images should be decoded larger because only part of them may be used. Default: 1.
    /// </summary>
    public virtual double Magnification => 1;

    /// <summary><see langword="true"/> if <see cref="With"/> must be called before use. Default: <see langword="false"/>.</summary>
    public virtual bool NeedsStatistics => false;

    /// <summary>Returns this augmentation with values from the statistics of the training set.</summary>
    /// <param name="statistics">The statistics of the training set.</param>
    public virtual Augmentation With(DatasetStatistics statistics) => this;

    /// <summary>Throws if a value is out of its range.</summary>
    /// <param name="preprocessing">The preprocessing to use with; <see langword="null"/> if not known yet.</param>
    /// <exception cref="ConfigException">A value is out of its range; the message names the augmentation and the value.</exception>
    public virtual void Validate(Preprocessing? preprocessing = null) { }

    /// <summary>Returns the augmentation as JSON: its <c>name</c> and its values.</summary>
    /// <exception cref="ConfigException">A custom augmentation does not override this method.</exception>
    public virtual JsonObject ToJson() =>
        throw new ConfigException(
            $"{GetType().Name}: this augmentation has no JSON form. Override ToJson and call Augmentation.Register, or use one of {AugmentationJson.Known}."
        );

    /// <summary>Registers a custom augmentation with <see cref="FromJson"/>.</summary>
    /// <param name="name">The <c>name</c> in the JSON.</param>
    /// <param name="create">Creates the augmentation from its JSON.</param>
    public static void Register(string name, Func<JsonObject, Augmentation> create) =>
        AugmentationJson.Register(name, create);

    /// <summary>Reads the output of <see cref="ToJson"/>; missing values have their defaults.</summary>
    /// <param name="json">An object whose <c>name</c> is random_crop, random_flip, color_jitter and so on.</param>
    /// <exception cref="ConfigException">The name or a key is unknown, or a value is out of its range.</exception>
    public static Augmentation FromJson(JsonNode? json) => AugmentationJson.Read(json);

    /// <summary>Throws an error that names the augmentation unless a condition holds.</summary>
    private protected void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new ConfigException(FormattableString.Invariant($"{GetType().Name}: {message}"));
        }
    }
}
