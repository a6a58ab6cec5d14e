using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A random change to an image in training. It draws from the stream it is given and from nothing else; that stream is
/// named by (seed, epoch, image), so the same seed gives the same changes in any order and on any number of threads.
/// All windows are chosen first, then all pixels are changed, each in the order of the augmentations.
/// </summary>
public abstract record Augmentation
{
    /// <summary>Moves or mirrors the part of the image that is taken, before it is resized.</summary>
    /// <param name="window">The part so far, in pixels of the decoded image.</param>
    /// <param name="frame">The sizes of the image, resized and not, and of the input.</param>
    /// <param name="random">Where draws come from.</param>
    public virtual void ChooseWindow(ref SampleWindow window, SampleFrame frame, ref RandomStream random) { }

    /// <summary>Whether <see cref="ChangePixels"/> does anything; where none does, a pass over the pixels is saved.</summary>
    public virtual bool ChangesPixels => false;

    /// <summary>Changes the resized pixels, before they are scaled and their mean is subtracted.</summary>
    /// <param name="pixels">(height, width, channels) values, 0 to 255 unless an augmentation before went beyond.</param>
    /// <param name="size">The height and width.</param>
    /// <param name="channels">1 for grey, 3 for red, green, blue.</param>
    /// <param name="random">Where draws come from.</param>
    public virtual void ChangePixels(Span<float> pixels, Size2 size, int channels, ref RandomStream random) { }

    /// <summary>
    /// How many times larger than for the whole an image should be decoded, as only a part of it may be taken; 1.
    /// </summary>
    public virtual double Magnification => 1;

    /// <summary>Whether <see cref="With"/> must be given the training set's statistics before use; no.</summary>
    public virtual bool NeedsStatistics => false;

    /// <summary>The same augmentation with what it takes from the training set's statistics.</summary>
    /// <param name="statistics">The training set's.</param>
    public virtual Augmentation With(DatasetStatistics statistics) => this;

    /// <summary>Throws if a value is out of its range.</summary>
    /// <param name="preprocessing">What the augmentation is to be used with; <see langword="null"/> if not known yet.</param>
    /// <exception cref="ConfigException">Names the augmentation, the value and its range.</exception>
    public virtual void Validate(Preprocessing? preprocessing = null) { }

    /// <summary>As JSON: its <c>name</c> and its values.</summary>
    /// <exception cref="ConfigException">It is not one of Lamina's own, and does not override this.</exception>
    public virtual JsonObject ToJson() =>
        throw new ConfigException(
            $"{GetType().Name}: this augmentation has no JSON form. Override ToJson and call Augmentation.Register, or use one of {AugmentationJson.Known}."
        );

    /// <summary>Makes <see cref="FromJson"/> read the JSON of an augmentation of a program's own.</summary>
    /// <param name="name">The <c>name</c> in the JSON.</param>
    /// <param name="create">Creates the augmentation from its JSON.</param>
    public static void Register(string name, Func<JsonObject, Augmentation> create) =>
        AugmentationJson.Register(name, create);

    /// <summary>Reads what <see cref="ToJson"/> wrote; a value that is left out has its default.</summary>
    /// <param name="json">An object whose <c>name</c> is random_crop, random_flip, color_jitter and so on.</param>
    /// <exception cref="ConfigException">The name or a key is not known, or a value is out of its range.</exception>
    public static Augmentation FromJson(JsonNode? json) => AugmentationJson.Read(json);

    /// <summary>Throws, naming the augmentation, unless a condition holds.</summary>
    private protected void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new ConfigException(FormattableString.Invariant($"{GetType().Name}: {message}"));
        }
    }
}
