using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Lamina.Cli;

/// <summary>Creates options for numbers in a range.</summary>
internal static class NumberOption
{
    public static Option<int> Whole(string name, string description, int standard, int min, int max) =>
        new(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => standard,
            CustomParser = result => ParseWhole(result, name, min, max),
        };

    /// <summary>Creates an option for a whole number without a fixed default.</summary>
    public static Option<int?> WholeOrNone(string name, string description, int min, int max) =>
        new(name)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result => ParseWhole(result, name, min, max),
        };

    /// <summary>Creates an option for any 64-bit number.</summary>
    public static Option<long> Long(string name, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value))
                {
                    result.AddError($"{name}: '{text}' is not a whole number from {long.MinValue} to {long.MaxValue}.");
                }
                return value;
            },
        };

    private static int ParseWhole(ArgumentResult result, string name, int min, int max)
    {
        string text = result.Tokens[0].Value;
        if (
            !int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
            || value < min
            || value > max
        )
        {
            result.AddError($"{name}: '{text}' is not a whole number from {min} to {max}.");
        }
        return value;
    }

    /// <summary>Creates an option for one of two numbers, the first of which is the default.</summary>
    public static Option<int> OneOf(string name, string description, int standard, params int[] others) =>
        new(name)
        {
            Description = description,
            HelpName = $"{standard}|{string.Join('|', others)}",
            DefaultValueFactory = _ => standard,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (
                    !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                    || (value != standard && !others.Contains(value))
                )
                {
                    result.AddError($"{name}: '{text}' must be {standard}, {string.Join(" or ", others)}.");
                }
                return value;
            },
        };

    /// <summary>Creates an option for a number in a range that may include its minimum.</summary>
    public static Option<double> Real(
        string name,
        string description,
        double standard,
        double min,
        double max,
        bool includesMin
    ) =>
        new(name)
        {
            Description = description,
            HelpName = "X",
            DefaultValueFactory = _ => standard,
            CustomParser = result => ParseReal(result, name, min, max, includesMin),
        };

    /// <summary>Creates an option for a number without a fixed default.</summary>
    public static Option<double?> RealOrNone(
        string name,
        string description,
        double min,
        double max,
        bool includesMin
    ) =>
        new(name)
        {
            Description = description,
            HelpName = "X",
            CustomParser = result => ParseReal(result, name, min, max, includesMin),
        };

    private static double ParseReal(ArgumentResult result, string name, double min, double max, bool includesMin)
    {
        string text = result.Tokens[0].Value;
        bool inRange =
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            && value <= max
            && (value > min || (includesMin && value == min));
        if (!inRange)
        {
            string from = includesMin ? $"from {min}" : $"above {min}";
            result.AddError(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name}: '{text}' is not a number {from} and at most {max}."
                )
            );
        }
        return value;
    }
}
