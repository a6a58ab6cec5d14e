using System.Globalization;
using System.Text;

namespace Lamina.Serving;

/// <summary>Triton's classification extension: the highest values as "value:index:label".</summary>
internal static class Classification
{
    /// <summary>Returns the strings of a batch, the highest value of each sample first; of equals the first.</summary>
    /// <param name="values">(batch, classes).</param>
    /// <param name="classes">The number of values per sample.</param>
    /// <param name="count">The number of classes to return, at most <paramref name="classes"/>.</param>
    /// <param name="labels">The names of the classes; fewer if some have none.</param>
    public static byte[][] Of(ReadOnlySpan<float> values, int classes, int count, IReadOnlyList<string> labels)
    {
        var strings = new List<byte[]>();
        int[] order = new int[classes];
        float[] keys = new float[classes];
        for (int start = 0; start < values.Length; start += classes)
        {
            values.Slice(start, classes).CopyTo(keys);
            for (int i = 0; i < classes; i++)
            {
                order[i] = i;
            }
            // NaN is the smallest number to CompareTo, so it comes last.
            Array.Sort(order, (a, b) => keys[b].CompareTo(keys[a]) is not 0 and var c ? c : a - b);
            for (int i = 0; i < count; i++)
            {
                strings.Add(Text(keys[order[i]], order[i], labels));
            }
        }
        return [.. strings];
    }

    private static byte[] Text(float value, int index, IReadOnlyList<string> labels)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{value}:{index}");
        return Encoding.UTF8.GetBytes(index < labels.Count ? $"{text}:{labels[index]}" : text);
    }
}
