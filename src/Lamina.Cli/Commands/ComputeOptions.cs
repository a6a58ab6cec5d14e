using System.CommandLine;
using System.CommandLine.Parsing;

namespace Lamina.Cli;

/// <summary>The options for the device that computes, and its precision.</summary>
internal sealed class ComputeOptions
{
    private static readonly (string Name, ComputePrecision Precision)[] s_precisions =
    [
        ("float32", ComputePrecision.Float32),
        ("tf32", ComputePrecision.Tf32),
        ("bfloat16", ComputePrecision.BFloat16),
    ];

    private readonly Option<string> _precision = new("--precision")
    {
        Description =
            "Sets the precision: float32, tf32 or bfloat16. Weights and loss are float32 in each. "
            + "Default: bfloat16 on a GPU that has it, else float32.",
        HelpName = "NAME",
    };

    public ComputeOptions() => _precision.Accept([.. s_precisions.Select(p => p.Name)]);

    /// <summary>The option for the device.</summary>
    public Option<string?> DeviceOption { get; } = NewDevice();

    /// <summary>The options, in the order of the help.</summary>
    public IReadOnlyList<Option> All => [DeviceOption, _precision];

    /// <summary>Returns the requested device; null for the best.</summary>
    public Device? Device(ParseResult parsed) =>
        parsed.GetValue(DeviceOption) is { } name && name != ComputeDevices.Auto ? Lamina.Device.Parse(name) : null;

    /// <summary>Returns the requested precision; null for the device's default.</summary>
    public ComputePrecision? Precision(ParseResult parsed) =>
        parsed.GetValue(_precision) is { } name ? s_precisions.First(p => p.Name == name).Precision : null;

    private static Option<string?> NewDevice()
    {
        var option = new Option<string?>("--device")
        {
            Description =
                "Sets the device: auto, cpu, cuda, or cuda:1 for the second GPU. Default: auto, a GPU if one can be used.",
            HelpName = "NAME",
            CustomParser = Read,
        };
        option.CompletionSources.Add(ComputeDevices.Auto, "cpu", "cuda");
        return option;
    }

    private static string? Read(ArgumentResult result)
    {
        string name = result.Tokens[0].Value;
        if (
            !string.Equals(name, ComputeDevices.Auto, StringComparison.OrdinalIgnoreCase)
            && !Lamina.Device.TryParse(name, out _)
        )
        {
            result.AddError($"--device: '{name}' is not auto, cpu, cuda, or cuda:N with N from 0.");
        }
        return name.ToLowerInvariant();
    }
}
