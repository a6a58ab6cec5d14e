namespace Lamina.Torch;

/// <summary>Sources from what a caller passes to <c>Fit</c> and <c>Evaluate</c>.</summary>
internal static class FitData
{
    /// <summary>Returns the names of the inputs.</summary>
    public static string[] InputNames(Model model) => [.. model.Inputs.Select(i => i.Layer!.Name)];

    /// <summary>Returns the names of the outputs that have a loss, in the order of their targets.</summary>
    public static string[] TargetNames(CompiledModel compiled)
    {
        string[] names = Objective.NamesOf(compiled.Model);
        return [.. compiled.Objective.Parts.Select(p => names[p.Output])];
    }

    /// <summary>Returns a batch of all samples.</summary>
    /// <exception cref="LaminaException">The arrays do not match the model.</exception>
    public static Batch Batch(CompiledModel compiled, ArrayGroup x, ArrayGroup y, ArrayGroup? weights)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        string name = compiled.Model.Name;
        if (compiled.Objective.Parts.Count == 0)
        {
            // A step of the program's own says what it reads.
            return new Batch([.. x], [.. y]) { SampleWeights = weights is null ? null : [.. weights] };
        }
        string[] targets = TargetNames(compiled);
        return new Batch(
            x.AllInOrder(InputNames(compiled.Model), name, "input"),
            y.AllInOrder(targets, name, "trained output")
        )
        {
            SampleWeights = weights?.InOrder(targets, name, "trained output"),
        };
    }

    /// <summary>Returns a source of batches of arrays.</summary>
    /// <exception cref="LaminaException">The arrays do not match the model.</exception>
    public static ArraySource Source(Batch all, int batchSize, bool shuffle = false) =>
        new(all.Inputs, all.Targets, batchSize, shuffle) { ReuseBuffers = true, SampleWeights = all.SampleWeights };

    /// <summary>Splits off the last samples, as Keras does before shuffling.</summary>
    /// <param name="all">All samples.</param>
    /// <param name="share">The share of samples in the second part, in (0, 1).</param>
    /// <exception cref="LaminaException">A part would be empty.</exception>
    public static (Batch Train, Batch Validation) Split(Batch all, double share)
    {
        if (!(share > 0 && share < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(share),
                $"validationSplit is {share}; it must be above 0 and below 1."
            );
        }
        int train = (int)Math.Floor(all.Count * (1 - share));
        return train > 0 && train < all.Count
            ? (Part(all, 0, train), Part(all, train, all.Count - train))
            : throw new LaminaException(
                FormattableString.Invariant(
                    $"validationSplit {share} of {all.Count} samples leaves none for {(train == 0 ? "training" : "validation")}. Use another share."
                )
            );
    }

    private static Batch Part(Batch all, int start, int count) =>
        new([.. all.Inputs.Select(a => a.Samples(start, count))], [.. all.Targets.Select(a => a.Samples(start, count))])
        {
            SampleWeights = all.SampleWeights is { } weights
                ? [.. weights.Select(w => w?.Samples(start, count))]
                : null,
        };

    /// <summary>Returns a source with a limit on steps and class weights, where they are given.</summary>
    public static IBatchSource With(
        IBatchSource source,
        int? stepsPerEpoch,
        IReadOnlyDictionary<int, double>? classWeight
    )
    {
        if (stepsPerEpoch is { } steps)
        {
            Arguments.RequireAtLeast(1, steps, nameof(stepsPerEpoch));
            source = source is SequenceSource ? source : new LimitedSource(source, steps);
        }
        return classWeight is null ? source : new ClassWeightedSource(source, new ClassWeights(classWeight));
    }
}
