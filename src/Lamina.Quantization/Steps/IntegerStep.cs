using Lamina.Torch;

namespace Lamina.Quantization.Steps;

/// <summary>One step of a quantized model.</summary>
internal abstract class IntegerStep(IntegerValue[] inputs, IntegerValue output) : IDisposable
{
    /// <summary>What it reads.</summary>
    public IntegerValue[] Inputs { get; } = inputs;

    /// <summary>What it makes.</summary>
    public IntegerValue Output { get; } = output;

    /// <summary>Values that nothing needs after this step.</summary>
    public int[] FreeAfter { get; set; } = [];

    /// <summary>The numbers that it works with.</summary>
    public virtual IReadOnlyList<StepParameter> Parameters => [];

    /// <summary>The slot whose range <see cref="Derive"/> asks for, if it does.</summary>
    public virtual int? RangedSlot => null;

    /// <summary>Sets the parameters, and the output's code, from the model's weights and what calibration found.</summary>
    /// <param name="ranges">The ranges of values.</param>
    public abstract void Derive(IValueRanges ranges);

    /// <summary>Brings the parameters into the form that <see cref="Run"/> works with.</summary>
    public virtual void Prepare() { }

    /// <summary>Computes the output, which the caller owns.</summary>
    public abstract Tensor Run(ReadOnlySpan<Tensor> inputs);

    /// <inheritdoc/>
    public virtual void Dispose() { }
}
