using Lamina.Torch;

namespace Lamina.Quantization.Steps;

/// <summary>A step of a quantized model.</summary>
internal abstract class IntegerStep(IntegerValue[] inputs, IntegerValue output) : IDisposable
{
    /// <summary>The values that it reads.</summary>
    public IntegerValue[] Inputs { get; } = inputs;

    /// <summary>The value that it computes.</summary>
    public IntegerValue Output { get; } = output;

    /// <summary>The values that are not needed after this step.</summary>
    public int[] FreeAfter { get; set; } = [];

    /// <summary>The parameters of the step.</summary>
    public virtual IReadOnlyList<StepParameter> Parameters => [];

    /// <summary>The slot whose range <see cref="Derive"/> requires; <see langword="null"/> if none.</summary>
    public virtual int? RangedSlot => null;

    /// <summary>Sets the parameters and the output's code from the model's weights and the calibration.</summary>
    /// <param name="ranges">The ranges of values.</param>
    public abstract void Derive(IValueRanges ranges);

    /// <summary>Converts the parameters to the form that <see cref="Run"/> requires.</summary>
    public virtual void Prepare() { }

    /// <summary>Computes the output, which the caller owns.</summary>
    public abstract Tensor Run(ReadOnlySpan<Tensor> inputs);

    /// <inheritdoc/>
    public virtual void Dispose() { }
}
