using System.Globalization;
using System.Numerics;

namespace Lamina;

/// <summary>Checks constructor arguments, with the layer's class in the message.</summary>
internal static class Argument
{
    public static int AtLeast(int value, int minimum, string layer, string name) =>
        value >= minimum ? value : throw OutOfRange(layer, name, value, $"at least {minimum}");

    public static Size2 AtLeast(Size2 value, int minimum, string layer, string name) =>
        value.Height >= minimum && value.Width >= minimum
            ? value
            : throw new ArgumentOutOfRangeException(
                name,
                $"{layer}: {name} is {value}; both extents must be at least {minimum}."
            );

    public static double Between(double value, double minimum, double maximum, string layer, string name) =>
        value >= minimum && value <= maximum
            ? value
            : throw OutOfRange(layer, name, value, string.Create(Culture, $"from {minimum} to {maximum}"));

    public static double Above(double value, double bound, string layer, string name) =>
        value > bound && double.IsFinite(value)
            ? value
            : throw OutOfRange(layer, name, value, string.Create(Culture, $"finite and above {bound}"));

    public static double Finite(double value, string layer, string name) =>
        double.IsFinite(value) ? value : throw OutOfRange(layer, name, value, "finite");

    public static ArgumentOutOfRangeException OutOfRange<T>(string layer, string name, T value, string needed)
        where T : INumber<T> => new(name, string.Create(Culture, $"{layer}: {name} is {value}; it must be {needed}."));

    private static CultureInfo Culture => CultureInfo.InvariantCulture;
}
