namespace Lamina;

/// <summary>Options of quantization.</summary>
public sealed record QuantizeOptions
{
    /// <summary>
    /// The method that chooses ranges. Images, which have fixed limits, keep all of their range with every method.
    /// </summary>
    public QuantizationMethod Method
    {
        get;
        init =>
            field = Enum.IsDefined(value)
                ? value
                : throw new ArgumentOutOfRangeException(nameof(value), $"{value} is not a calibration method.");
    } = QuantizationMethod.MinMax;

    /// <summary>
    /// The share of values that <see cref="QuantizationMethod.Percentile"/> keeps, in percent: above 50, at most 100.
    /// </summary>
    public double Percentile
    {
        get;
        init =>
            field = value is > 50 and <= 100
                ? value
                : throw new ArgumentOutOfRangeException(
                    nameof(value),
                    FormattableString.Invariant($"Percentile is {value}; it must be above 50 and at most 100.")
                );
    } = 99.99;

    /// <summary>The maximum number of samples that are used, at least 1.</summary>
    public int Samples
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 512;

    /// <summary>
    /// The number of samples of an array per batch, at least 1; a batch source has its own batch size.
    /// </summary>
    public int BatchSize
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 32;

    /// <summary>The names of layers that stay float32, of those with a kernel. Default: none.</summary>
    public IReadOnlyCollection<string> FloatLayers
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = [];

    /// <summary>
    /// The device that computes the ranges. Default: the one that the model is compiled for, else <see cref="Device.Cpu"/>.
    /// The quantized model itself predicts on the CPU.
    /// </summary>
    public Device? Device { get; init; }

    /// <summary>Receives the number of samples processed, after each batch.</summary>
    public Action<int>? OnProgress { get; init; }

    internal void RequireLayers(Model model)
    {
        if (FloatLayers.FirstOrDefault(n => !model.Layers.Any(l => l.Name == n)) is { } unknown)
        {
            throw new LaminaException(
                $"{model.Name} has no layer '{unknown}' to keep in float32. It has {string.Join(", ", model.Layers.Select(l => l.Name))}."
            );
        }
    }
}
