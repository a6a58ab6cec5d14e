namespace Lamina.Runs.Transfer;

/// <summary>Standardized features of images, each followed by a 1 for the bias, and the images' classes.</summary>
internal sealed class LabeledRows
{
    private readonly float[] _values;

    private LabeledRows(float[] values, int width, int[] labels) => (_values, Width, Labels) = (values, width, labels);

    /// <summary>The number of rows.</summary>
    public int Count => Labels.Length;

    /// <summary>The number of features, and one.</summary>
    public int Width { get; }

    /// <summary>The class of each row.</summary>
    public int[] Labels { get; }

    /// <summary>Returns the features of an image.</summary>
    public ReadOnlySpan<float> Row(int row) => _values.AsSpan(row * Width, Width);

    /// <summary>Standardizes some images in all their views.</summary>
    /// <param name="features">The features.</param>
    /// <param name="images">The indices of the images.</param>
    /// <param name="scale">The means and deviations.</param>
    public static LabeledRows Of(FeatureSet features, IReadOnlyList<int> images, FeatureScale scale)
    {
        int width = scale.Width + 1;
        int count = images.Count * features.Views.Count;
        var values = new float[count * width];
        var labels = new int[count];
        for (int i = 0; i < count; i++)
        {
            (int view, int image) = (i / images.Count, images[i % images.Count]);
            Span<float> row = values.AsSpan(i * width, width);
            scale.Row(features.Views[view], image).CopyTo(row);
            row[^1] = 1;
            labels[i] = (int)features.Labels.Values[image];
        }
        return new LabeledRows(values, width, labels);
    }
}
