using System.Globalization;

namespace Lamina;

/// <summary>Classes and labels from the text of each image's label.</summary>
internal static class ClassLabels
{
    private const int MostClasses = 1_000_000;
    private const int SynsetDigits = 8;

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

    /// <summary>Numbers the classes if the source has a list of names, whose positions its labels may be.</summary>
    /// <param name="texts">The label of each image: all numbers, or all names.</param>
    /// <param name="own">The names of the source; <see langword="null"/> for none.</param>
    /// <param name="classNames">The classes in the order of their labels; <see langword="null"/> for those of the source.</param>
    /// <param name="place">The name of the source in errors.</param>
    /// <exception cref="DataException">A label is not one of the classes, or a number is too large.</exception>
    public static (IReadOnlyList<string> Names, int[] Labels) Of(
        IReadOnlyList<string> texts,
        IReadOnlyList<string>? own,
        IReadOnlyList<string>? classNames,
        string place
    )
    {
        string[] distinct = [.. texts.Distinct(StringComparer.Ordinal)];
        // Names may be numbers themselves, in another order than their positions.
        if (own is null || !distinct.All(t => Number(t) is >= 0 and var n && n < own.Count))
        {
            return Of(texts, classNames ?? own, place);
        }
        bool areUnnamed = classNames is not null && classNames.Select((name, i) => name == Text(i)).All(same => same);
        if (classNames is null || (areUnnamed && own.Count <= classNames.Count))
        {
            return (classNames ?? own, [.. texts.Select(Number)]);
        }
        var labels = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string text in distinct)
        {
            string name = own[Number(text)];
            int label = Enumerable.Range(0, classNames.Count).FirstOrDefault(i => classNames[i] == name, -1);
            label = label >= 0 || !IsSynset(name) ? label : IndexOfSynset(classNames, name);
            labels[text] =
                label >= 0
                    ? label
                    : throw new DataException(
                        place,
                        $"has the class '{name}', which is not one of the {classNames.Count} classes of the model or of "
                            + "the training data."
                    );
        }
        return (classNames, [.. texts.Select(t => labels[t])]);
    }

    // Classes of ImageNet are named by WordNet IDs, with or without words after them.
    private static bool IsSynset(string name) =>
        name.Length >= SynsetDigits + 1
        && name[0] == 'n'
        && name.AsSpan(1, SynsetDigits).ContainsAnyExceptInRange('0', '9') is false
        && (name.Length == SynsetDigits + 1 || name[SynsetDigits + 1] == ' ');

    private static int IndexOfSynset(IReadOnlyList<string> classNames, string name) =>
        Enumerable
            .Range(0, classNames.Count)
            .FirstOrDefault(
                i =>
                    IsSynset(classNames[i])
                    && classNames[i].AsSpan(0, SynsetDigits + 1).SequenceEqual(name.AsSpan(0, SynsetDigits + 1)),
                -1
            );

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && Text(n) == text ? n : -1;

    private static int Checked(int largest, string place) =>
        largest < MostClasses
            ? largest
            : throw new DataException(place, $"has the label {largest}; numbers must be below {MostClasses}.");
}
