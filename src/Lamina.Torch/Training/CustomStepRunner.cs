using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina;

/// <summary>Runs a step that a program wrote, as a part of a compiled model.</summary>
internal sealed class CustomStepRunner : IDisposable
{
    // Far apart, so that parts that draw noise in the same step draw different noise.
    private const long SeedDistance = 0x4F1BBCDCBFA53E0B;

    private IReadOnlyList<OutputMetric> _metrics;
    private bool _isRunning;

    public CustomStepRunner(CompiledModel compiled, TrainStep step)
    {
        (Compiled, Step, _metrics) = (compiled, step, compiled.OutputMetrics);
        step.RequireFree();
        HashSet<Weight> known = [.. compiled.Model.Weights];
        for (int i = 0; i < step.Minimizers.Count; i++)
        {
            (string name, Minimizer minimizer) = step.Minimizers[i];
            if (minimizer.Weights.FirstOrDefault(w => !known.Contains(w)) is { } foreign)
            {
                throw new LaminaException(
                    $"{step.GetType().Name}: {name} trains {foreign.Path}, which is not a weight of {compiled.Model.Name}. Compile a model that contains all networks of the step."
                );
            }
            minimizer.Device = compiled.Device;
            minimizer.Seed = unchecked(compiled.Seed + ((i + 1) * SeedDistance));
        }
        step.Attach(this);
    }

    public CompiledModel Compiled { get; }

    public TrainStep Step { get; }

    /// <summary>The metrics of the present call.</summary>
    public IReadOnlyList<Metric> Metrics => [.. _metrics.Select(m => m.Metric)];

    /// <summary><see langword="true"/> while the step runs, and what it calls is the compiled step.</summary>
    public bool IsRunning => _isRunning;

    private IEnumerable<Minimizer> Averaging =>
        Step.Minimizers.Select(m => m.Minimizer).Where(m => m.Updates.KeepsAverages);

    public bool HasAverages => Averaging.Any();

    public bool AveragesIn => Averaging.Any(m => m.Updates.AveragesIn);

    public void SwapAverages()
    {
        foreach (Minimizer minimizer in Averaging)
        {
            minimizer.SwapAverages();
        }
    }

    public StepOutcome Train(Batch batch, IReadOnlyList<OutputMetric> metrics)
    {
        long before = Compiled.Step;
        try
        {
            BatchLoss loss = LossOf(With(metrics, () => Step.RunOnce(batch)), "Run");
            if (Compiled.Step == before)
            {
                Compiled.CountStep();
            }
            return Outcome(loss);
        }
        catch (LossException e) when (Compiled.NonFiniteLoss is { } tell)
        {
            Compiled.StopTraining = true;
            tell(e.Step, e.Loss);
            return Outcome(new BatchLoss(e.Loss, []));
        }

        static StepOutcome Outcome(BatchLoss loss)
        {
            var outcome = StepOutcome.Of(loss);
            if (!double.IsFinite(loss.Total))
            {
                outcome.End();
            }
            return outcome;
        }
    }

    /// <summary>Evaluates a batch by the step; <see langword="null"/> if it does not evaluate.</summary>
    /// <exception cref="LaminaException">Neither the step nor a loss evaluates.</exception>
    public BatchLoss? Test(Batch batch, IReadOnlyList<OutputMetric> metrics)
    {
        RequireTest();
        return Step is ITestStep test ? LossOf(With(metrics, () => test.Test(batch)), "Test") : null;
    }

    /// <summary>Throws if there is nothing that evaluates.</summary>
    public void RequireTest()
    {
        if (Step is not ITestStep && Compiled.Objective.Parts.Count == 0)
        {
            throw new LaminaException(
                $"{Step.GetType().Name} cannot be evaluated, as it has no Test. Implement ITestStep, or leave out the validation data."
            );
        }
    }

    public Dictionary<string, double> RunCompiled(Batch batch)
    {
        if (Compiled.Objective.Parts.Count == 0)
        {
            throw new InvalidOperationException(
                $"{Step.GetType().Name}: {Compiled.Model.Name} was compiled without an optimizer and a loss. Pass both to Compile, and set the step as CustomStep."
            );
        }
        BatchLoss loss = Compiled.TrainStep(batch, _metrics).Loss;
        Dictionary<string, double> logs = new() { ["loss"] = loss.Total };
        foreach ((string key, double value) in Compiled.Objective.PartKeys.Zip(loss.Parts))
        {
            logs[key] = value;
        }
        return logs;
    }

    public JsonObject Fingerprint()
    {
        JsonObject config = Step.GetConfig();
        config["optimizers"] = new JsonArray([
            .. Step.Minimizers.Select(m =>
            {
                JsonObject optimizer = m.Minimizer.Optimizer.GetConfig();
                if (m.Minimizer.Optimizer.Schedule is null)
                {
                    // Callbacks change it; the optimizer's state contains it.
                    optimizer.Remove("learning_rate");
                }
                return new JsonObject { ["part"] = m.Name, ["optimizer"] = optimizer };
            }),
        ]);
        return config;
    }

    /// <summary>Adds the states of the step's optimizers, under keys that end in their names.</summary>
    public void WriteState(Dictionary<string, NDArray> state)
    {
        foreach ((string name, Minimizer minimizer) in Step.Minimizers)
        {
            foreach (
                (string key, NDArray values) in OptimizerState.Write(
                    Compiled.Model,
                    minimizer.Optimizer,
                    minimizer.Updates
                )
            )
            {
                state[key + Suffix(name)] = values;
            }
        }
    }

    /// <summary>Restores the states of the step's optimizers.</summary>
    /// <returns>The rest of the state.</returns>
    public IReadOnlyDictionary<string, NDArray> ReadState(IReadOnlyDictionary<string, NDArray> state)
    {
        Dictionary<string, NDArray> rest = new(state, StringComparer.Ordinal);
        foreach ((string name, Minimizer minimizer) in Step.Minimizers)
        {
            string suffix = Suffix(name);
            Dictionary<string, NDArray> own = state
                .Where(p => p.Key.EndsWith(suffix, StringComparison.Ordinal))
                .ToDictionary(p => p.Key[..^suffix.Length], p => p.Value, StringComparer.Ordinal);
            OptimizerState.Read(own, Compiled.Model, minimizer.Optimizer, minimizer.Updates, minimizer.NewPlan);
            own.Keys.ToList().ForEach(k => rest.Remove(k + suffix));
        }
        return rest;
    }

    private static string Suffix(string name) => $"@{name}";

    private IReadOnlyDictionary<string, double> With(
        IReadOnlyList<OutputMetric> metrics,
        Func<IReadOnlyDictionary<string, double>> run
    )
    {
        IReadOnlyList<OutputMetric> outer = _metrics;
        (_metrics, _isRunning) = (metrics, true);
        try
        {
            return run();
        }
        finally
        {
            (_metrics, _isRunning) = (outer, false);
        }
    }

    private BatchLoss LossOf(IReadOnlyDictionary<string, double> logs, string method) =>
        logs is { Count: > 0 }
            ? new BatchLoss(logs.TryGetValue("loss", out double loss) ? loss : logs.Values.Sum(), []) { Logs = logs }
            : throw new LaminaException(
                $"{Step.GetType().Name}: {method} returned no values. Return at least one, such as the loss."
            );

    /// <inheritdoc/>
    public void Dispose() => Step.Dispose();
}
