namespace Lamina.Quantization.Steps;

/// <summary>The constraint on a parameter's numbers.</summary>
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

    /// <summary>Integers from 0 to 255, as float32.</summary>
    Byte,
}

/// <summary>The numbers that a step needs, as the file of a quantized model contains them.</summary>
/// <param name="key">The name in the file.</param>
/// <param name="kind">The constraint on the numbers.</param>
/// <param name="shape">The shape in the file.</param>
internal sealed class StepParameter(string key, ParameterKind kind, Shape shape)
{
    public string Key => key;

    public ParameterKind Kind => kind;

    public Shape Shape => shape;

    /// <summary>
    /// <see langword="true"/> if the numbers are signed bytes, in <see cref="Bytes"/>; otherwise they are in
    /// <see cref="Floats"/>.
    /// </summary>
    public bool IsBytes => kind is ParameterKind.Weights or ParameterKind.Mask;

    public float[] Floats { get; set; } = [];

    public sbyte[] Bytes { get; set; } = [];

    /// <summary>The size of the numbers in bytes.</summary>
    public long Size => shape.ElementCount * (IsBytes ? 1 : sizeof(float));

    /// <summary>Returns a description of the first invalid number; <see langword="null"/> if all are valid.</summary>
    public string? Fault()
    {
        if (IsBytes)
        {
            // A mask's complement is 0 or 1. Compared as a span, 60 million weights take milliseconds.
            bool fine =
                kind is ParameterKind.Weights
                    ? !Bytes.AsSpan().Contains(sbyte.MinValue)
                    : !Bytes.AsSpan().ContainsAnyExcept((sbyte)0, (sbyte)-1);
            return fine ? null
                : kind is ParameterKind.Weights ? "−128 is not a valid weight"
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
