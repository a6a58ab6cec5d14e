using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>
/// Whether the peers train as Lamina does: from the same weights, without dropout, some steps change the logits alike. Done
/// once a model; a peer that fails is left out of all of the model's workloads.
/// </summary>
internal sealed class TrainingCheck
{
    private const int Batch = 8;
    private const int Steps = 3;

    // The first rate at which Lamina's steps change the logits by this share of them: enough to tell it from rounding, and
    // so little that where rounding turns a ReLU or the choice of a pooling over, it is not multiplied from step to step.
    private static readonly double[] s_rates = [1e-5, 1e-4, 1e-3, 1e-2];
    private const double LeastChange = 2e-3;

    // One unit turned over among some hundred thousand changes a gradient by some thousandths; a wrong rule by far more.
    private const double Tolerance = 1e-2;

    private readonly Dictionary<string, Dictionary<string, (double Error, string Failure)>> _models = [];

    public async Task RunAsync(
        SuiteContext context,
        Peer[] peers,
        PeerRequest request,
        WorkloadResult result,
        CancellationToken cancellation
    )
    {
        if (!_models.TryGetValue(request.Folder, out Dictionary<string, (double Error, string Failure)>? found))
        {
            _models[request.Folder] = found = await CompareAsync(context, peers, request, cancellation)
                .ConfigureAwait(false);
        }
        foreach ((string peer, (double error, string failure)) in found)
        {
            result.Errors[peer] = error;
            if (failure.Length > 0)
            {
                result.Failures.TryAdd(peer, failure);
            }
        }
    }

    private static async Task<Dictionary<string, (double Error, string Failure)>> CompareAsync(
        SuiteContext context,
        Peer[] peers,
        PeerRequest request,
        CancellationToken cancellation
    )
    {
        int classes = PeerModel.Load(request.Folder).Classes;
        (PeerRequest check, double[] expected) = await ReferenceAsync(context, peers[0], request, classes, cancellation)
            .ConfigureAwait(false);
        Dictionary<string, (double Error, string Failure)> found = [];
        foreach (Peer peer in peers.Skip(1))
        {
            try
            {
                (double[] actual, _) = await ChangesAsync(context, peer, check, classes, cancellation)
                    .ConfigureAwait(false);
                double error = Agreement.Distance(expected, actual);
                bool agrees = error <= Tolerance;
                found[peer.Title] = (
                    error,
                    agrees ? "" : $"{peer.Title}: its training differs from Lamina's by {error:0.0e+0}"
                );
                context.Progress.WriteLine(
                    $"{Path.GetFileName(request.Folder)}: {peer.Title} trains within {error:0.0e+0}"
                );
            }
            catch (Exception e) when (e is LaminaException or System.ComponentModel.Win32Exception)
            {
                found[peer.Title] = (0, e.Message);
            }
        }
        return found;
    }

    // What Lamina changes, and the request, with a rate, that the peers are then given.
    private static async Task<(PeerRequest Check, double[] Changes)> ReferenceAsync(
        SuiteContext context,
        Peer lamina,
        PeerRequest request,
        int classes,
        CancellationToken cancellation
    )
    {
        PeerRequest check = request with { Batch = Batch, Check = true };
        double[] changes = [];
        foreach (double rate in s_rates)
        {
            check = check with { LearningRate = rate };
            (changes, double share) = await ChangesAsync(context, lamina, check, classes, cancellation)
                .ConfigureAwait(false);
            if (share >= LeastChange)
            {
                break;
            }
        }
        return (check, changes);
    }

    // The logits after the steps less those before, and the norm of that over theirs.
    private static async Task<(double[] Changes, double Share)> ChangesAsync(
        SuiteContext context,
        Peer peer,
        PeerRequest check,
        int classes,
        CancellationToken cancellation
    )
    {
        WorkerContender contender = SpeedSuite.Contender(context, peer, check);
        await using (contender.ConfigureAwait(false))
        {
            await contender.StartAsync(cancellation).ConfigureAwait(false);
            float[] before = await contender.OutputAsync(cancellation).ConfigureAwait(false);
            for (int step = 0; step < Steps; step++)
            {
                await contender.MeasureAsync(0, cancellation).ConfigureAwait(false);
            }
            float[] after = await contender.OutputAsync(cancellation).ConfigureAwait(false);
            double[] logits = Agreement.Logits(before, classes);
            double[] changed = Agreement.Logits(after, classes);
            return ([.. changed.Zip(logits, (a, b) => a - b)], Agreement.Distance(logits, changed));
        }
    }
}
