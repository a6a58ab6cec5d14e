using System.Globalization;

namespace Lamina.Torch.Cpu;

/// <summary>
/// The rates of a processor, by which <see cref="ConvolutionChoice{TVector}"/> estimates times. <c>Lamina.Bench convolutions</c>
/// measures them.
/// </summary>
/// <param name="MultiplyAdds">The multiply-adds per second of one thread in the tiles' loops, per element of a vector.</param>
/// <param name="MemoryBytes">The bytes per second at which packed kernels are read.</param>
/// <param name="TransformCost">
/// The multiply-adds that take as long as Winograd's transforms of one tile and channel.
/// </param>
internal sealed record ConvolutionCosts(double MultiplyAdds, double MemoryBytes, double TransformCost)
{
    /// <summary>The environment variable with the three rates, separated by commas.</summary>
    public const string Variable = "LAMINA_CONVOLUTION_COSTS";

    private static ConvolutionCosts? s_ofProcess;

    /// <summary>The rates of Zen 3 at 256 bits.</summary>
    public static ConvolutionCosts Default { get; } = new(45e9 / 8, 22e9, 140);

    /// <summary>The rates that this process uses.</summary>
    /// <exception cref="LaminaException">The environment variable is malformed.</exception>
    public static ConvolutionCosts OfProcess => s_ofProcess ??= Parse(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Returns the rates in the environment variable's text; the default if it is not set.</summary>
    /// <exception cref="LaminaException">The text is not three numbers above 0.</exception>
    public static ConvolutionCosts Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return Default;
        }
        var numbers = new List<double>();
        foreach (string part in text.Split(','))
        {
            bool isNumber = double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double number);
            if (!isNumber || !double.IsFinite(number) || number <= 0)
            {
                throw Malformed(text);
            }
            numbers.Add(number);
        }
        return numbers is [var multiplyAdds, var memory, var transform]
            ? new ConvolutionCosts(multiplyAdds, memory, transform)
            : throw Malformed(text);
    }

    /// <summary>Returns the estimated time of an algorithm.</summary>
    /// <param name="products">The multiply-adds.</param>
    /// <param name="transforms">The tiles and channels that Winograd's algorithm transforms.</param>
    /// <param name="bytes">The bytes of the packed kernel.</param>
    /// <param name="lanes">The elements of the vectors of all threads.</param>
    public double Seconds(double products, double transforms, double bytes, int lanes)
    {
        double arithmetic = (products + (transforms * TransformCost)) / (MultiplyAdds * lanes);
        double memory = bytes / MemoryBytes;
        // Reading overlaps with arithmetic only in part.
        return Math.Max(arithmetic, memory) + (0.25 * Math.Min(arithmetic, memory));
    }

    /// <summary>Returns the text for the environment variable.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{MultiplyAdds:0.###e0},{MemoryBytes:0.###e0},{TransformCost:0.#}"
        );

    private static LaminaException Malformed(string text) =>
        new(
            $"{Variable} is {Quoted.Line(text, 100)}; it must be three numbers above 0, separated by commas, as "
                + "'Lamina.Bench convolutions' prints them. Correct it, or unset it."
        );
}
