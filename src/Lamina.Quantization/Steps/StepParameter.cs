namespace Lamina.Quantization.Steps;

/// <summary>What a parameter's numbers must be like.</summary>
internal enum ParameterKind
{
    /// <summary>Signed bytes, −127 to 127.</summary>
    Weights,

    /// <summary>Signed bytes, each 0 or −1.</summary>
    Mask,

    /// <summary>Finite float32.</summary>
    Finite,

    /// <summary>Finite float32 above 0.</summary>
    Positive,

    /// <summary>Whole float32 from 0 to 255.</summary>
    Byte,
}

/// <summary>Numbers that a step needs: what a file of a quantized model holds.</summary>
/// <param name="key">The name in the file.</param>
/// <param name="kind">What the numbers must be like.</param>
/// <param name="shape">The shape in the file.</param>
internal sealed class StepParameter(string key, ParameterKind kind, Shape shape)
{
    public string Key => key;

    public ParameterKind Kind => kind;

    public Shape Shape => shape;

    /// <summary>Whether it is signed bytes, in <see cref="Bytes"/>; else it is <see cref="Floats"/>.</summary>
    public bool IsBytes => kind is ParameterKind.Weights or ParameterKind.Mask;

    public float[] Floats { get; set; } = [];

    public sbyte[] Bytes { get; set; } = [];

    /// <summary>The bytes that the numbers take.</summary>
    public long Size => shape.ElementCount * (IsBytes ? 1 : sizeof(float));

    /// <summary>The first number that is not as it must be, in words; <see langword="null"/> if all are.</summary>
    public string? Fault()
    {
        if (IsBytes)
        {
            // A mask's complement is 0 or 1: compared as a span, 60 million weights take milliseconds.
            bool fine =
                kind is ParameterKind.Weights
                    ? !Bytes.AsSpan().Contains(sbyte.MinValue)
                    : !Bytes.AsSpan().ContainsAnyExcept((sbyte)0, (sbyte)-1);
            return fine ? null
                : kind is ParameterKind.Weights ? "−128 is no weight"
                : "only 0 and -1 are allowed";
        }
        foreach (float value in Floats)
        {
            bool fine = kind switch
            {
                ParameterKind.Positive => float.IsFinite(value) && value > 0,
                ParameterKind.Byte => value is >= 0 and <= 255 && value == MathF.Floor(value),
                _ => float.IsFinite(value),
            };
            if (!fine)
            {
                return FormattableString.Invariant($"{value} is not ")
                    + kind switch
                    {
                        ParameterKind.Positive => "a finite number above 0",
                        ParameterKind.Byte => "a whole number from 0 to 255",
                        _ => "a finite number",
                    };
            }
        }
        return null;
    }
}
