namespace Lamina.Tuning.Tests;

/// <summary>A training in closed form: the loss is (x − 0.3)² + (y − 2)² + 1 / epochs, and is not finite for x above a limit.</summary>
internal sealed class QuadraticTrainer(double limit = double.PositiveInfinity) : TrialTrainer
{
    private readonly Dictionary<int, int> _epochs = [];

    /// <summary>The trials and the epochs that each call began and ended with.</summary>
    public List<(int Trial, int From, int To)> Calls { get; } = [];

    /// <summary>The numbers of discarded trials.</summary>
    public List<int> Discarded { get; } = [];

    /// <summary>Called before each training.</summary>
    public Action? Before { get; set; }

    public override void Choose(HyperParameters hyperParameters)
    {
        _ = hyperParameters.Float("x", -1, 1);
        _ = hyperParameters.Float("y", 0.1, 10, sampling: "log");
    }

    public override double? Train(Trial trial, int epochs, CancellationToken cancellation)
    {
        Before?.Invoke();
        if (cancellation.IsCancellationRequested)
        {
            return null;
        }
        // A trainer that is new to a process finds what an earlier one left.
        int before = _epochs.GetValueOrDefault(trial.Number, trial.Epochs);
        Calls.Add((trial.Number, before, epochs));
        _epochs[trial.Number] = epochs;
        (double x, double y) = ((double)trial.Values["x"], (double)trial.Values["y"]);
        return x > limit ? double.NaN : Loss(x, y) + (1.0 / epochs);
    }

    public override void Discard(Trial trial) => Discarded.Add(trial.Number);

    public static double Loss(double x, double y) => ((x - 0.3) * (x - 0.3)) + ((y - 2) * (y - 2));
}
