namespace Lamina.Tuning;

/// <summary>A stage of a search: how many trials are trained up to which epoch.</summary>
/// <param name="Trials">The number of trials, at least 1. Those of a later rung are the best of the rung before.</param>
/// <param name="Epochs">The number of epochs that each has then had, at least 1.</param>
public readonly record struct Rung(int Trials, int Epochs);

/// <summary>
/// The plan of a search: brackets, each of which begins new trials and trains the best of them further, rung by rung.
/// </summary>
public sealed class SearchPlan
{
    private const int StandardTrials = 20;
    private const int StandardEta = 3;

    /// <summary>Creates a plan.</summary>
    /// <param name="name">The name of the method.</param>
    /// <param name="brackets">The brackets, at least one; within each, trials fall and epochs rise.</param>
    /// <exception cref="ConfigException">A bracket is empty, or its rungs are not in order.</exception>
    public SearchPlan(string name, IReadOnlyList<IReadOnlyList<Rung>> brackets)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(brackets);
        foreach (IReadOnlyList<Rung> bracket in brackets)
        {
            bool rises = bracket
                .Zip(bracket.Skip(1))
                .All(p => p.First.Epochs < p.Second.Epochs && p.First.Trials >= p.Second.Trials);
            if (bracket.Count == 0 || !rises || bracket.Any(r => r.Trials < 1 || r.Epochs < 1))
            {
                throw new ConfigException(
                    $"{name}: the rungs {string.Join(", ", bracket)} are no bracket. Epochs must rise from at least 1, and trials must not."
                );
            }
        }
        (Name, Brackets) = (name, brackets);
    }

    /// <summary>The name of the method.</summary>
    public string Name { get; }

    /// <summary>The brackets, in the order in which they are searched.</summary>
    public IReadOnlyList<IReadOnlyList<Rung>> Brackets { get; }

    /// <summary>The number of trials that are begun.</summary>
    public int Trials => Brackets.Sum(b => b[0].Trials);

    /// <summary>The number of epochs that the longest trials have.</summary>
    public int Epochs => Brackets.Max(b => b[^1].Epochs);

    /// <summary>The number of epochs of all trials together.</summary>
    public long TotalEpochs => Brackets.Sum(EpochsOf);

    /// <summary>Returns the plan of a random search: every trial is trained for all epochs.</summary>
    /// <param name="trials">The number of trials, at least 1. Default: 20.</param>
    /// <param name="epochs">The number of epochs of each, at least 1. Default: 1.</param>
    public static SearchPlan Random(int trials = StandardTrials, int epochs = 1) =>
        new(
            "random",
            [
                [new Rung(trials, epochs)],
            ]
        );

    /// <summary>Returns the plan of successive halving: the best 1 / eta of the trials are trained eta times as long, and so on.</summary>
    /// <param name="trials">The number of trials, at least 1.</param>
    /// <param name="minEpochs">The epochs after which the first trials are dropped, at least 1.</param>
    /// <param name="epochs">The epochs of the trials that are never dropped.</param>
    /// <param name="eta">The factor, at least 2. Default: 3.</param>
    public static SearchPlan SuccessiveHalving(int trials, int minEpochs, int epochs, int eta = StandardEta)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(eta, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minEpochs, epochs);
        int steps = Steps((double)epochs / minEpochs, eta);
        return new("halving", [Bracket(trials, epochs, steps, eta)]);
    }

    /// <summary>
    /// Returns the plan of Hyperband (Li et al., "Hyperband: A novel bandit-based approach to hyperparameter optimization",
    /// JMLR 18, 2018): brackets of successive halving, from many trials that are dropped early to few that are not dropped.
    /// </summary>
    /// <param name="epochs">The epochs of the longest trials, R in the paper; at least 1.</param>
    /// <param name="eta">The factor between rungs, η in the paper; at least 2. Default: 3.</param>
    /// <param name="trials">
    /// The number of trials after which to stop. More than the brackets have repeats them. Default: <see langword="null"/>, as
    /// many as the brackets have.
    /// </param>
    public static SearchPlan Hyperband(int epochs, int eta = StandardEta, int? trials = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(eta, 2);
        int last = Steps(epochs, eta);
        List<IReadOnlyList<Rung>> brackets = [];
        int left = trials ?? int.MaxValue;
        do
        {
            for (int s = last; s >= 0 && left > 0; s--)
            {
                // n = ⌈(B / R) · η^s / (s + 1)⌉ with B = (s_max + 1) · R.
                int n = (int)(((last + 1) * Power(eta, s)) + s) / (s + 1);
                n = Math.Min(n, left);
                brackets.Add(Bracket(n, epochs, s, eta));
                left -= n;
            }
        } while (trials is not null && left > 0);
        return new("hyperband", brackets);
    }

    /// <summary>The number of epochs that a bracket trains.</summary>
    internal static long EpochsOf(IReadOnlyList<Rung> bracket) =>
        bracket.Select((r, i) => (long)r.Trials * (r.Epochs - (i == 0 ? 0 : bracket[i - 1].Epochs))).Sum();

    // Rungs of less than one epoch, and those that rounding makes as long as the rung before, are left out.
    private static List<Rung> Bracket(int trials, int epochs, int steps, int eta)
    {
        List<Rung> rungs = [];
        for (int i = 0; i <= steps; i++)
        {
            int length = (int)Math.Max(1, epochs / Power(eta, steps - i));
            var rung = new Rung((int)Math.Max(1, trials / Power(eta, i)), length);
            if (rungs.Count == 0 || rungs[^1].Epochs < length)
            {
                rungs.Add(rung);
            }
        }
        return rungs;
    }

    // ⌊log_η ratio⌋, exact for powers.
    private static int Steps(double ratio, int eta)
    {
        int steps = 0;
        while (Power(eta, steps + 1) <= ratio)
        {
            steps++;
        }
        return steps;
    }

    private static long Power(int eta, int exponent)
    {
        long power = 1;
        for (int i = 0; i < exponent; i++)
        {
            power *= eta;
        }
        return power;
    }
}
