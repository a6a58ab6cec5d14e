using System.Globalization;

namespace Lamina;

/// <summary>Classes and labels from the text of each image's label.</summary>
internal static class ClassLabels
{
    private const int MostClasses = 1_000_000;

    /// <summary>
    /// Numbers the classes. If all labels are numbers, these are the labels; otherwise classes are in ordinal order.
    /// </summary>
    /// <param name="texts">The label of each image.</param>
    /// <param name="classNames">
    /// The classes in the order of their labels, by which labels are names or numbers; <see langword="null"/> to use the
    /// labels that occur.
    /// </param>
    /// <param name="place">The name of the source in errors.</param>
    /// <exception cref="DataException">A label is not one of the classes, or a number is too large.</exception>
    public static (IReadOnlyList<string> Names, int[] Labels) Of(
        IReadOnlyList<string> texts,
        IReadOnlyList<string>? classNames,
        string place
    )
    {
        string[] distinct = [.. texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        int[] numbers = [.. distinct.Select(Number)];
        bool areNumbers = numbers.All(n => n >= 0);
        IReadOnlyList<string> names =
            classNames
            ?? (areNumbers ? [.. Enumerable.Range(0, Checked(numbers.Max(), place) + 1).Select(Text)] : distinct);
        var labels = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < names.Count; i++)
        {
            labels[names[i]] = i;
        }
        foreach ((string text, int number) in distinct.Zip(numbers))
        {
            if (labels.ContainsKey(text))
            {
                continue;
            }
            if (!areNumbers || number >= names.Count)
            {
                throw new DataException(
                    place,
                    $"has the label '{text}', which is not one of the {names.Count} classes of the model or of "
                        + "the training data."
                );
            }
            labels[text] = number;
        }
        return (names, [.. texts.Select(t => labels[t])]);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && Text(n) == text ? n : -1;

    private static int Checked(int largest, string place) =>
        largest < MostClasses
            ? largest
            : throw new DataException(place, $"has the label {largest}; numbers must be below {MostClasses}.");
}
