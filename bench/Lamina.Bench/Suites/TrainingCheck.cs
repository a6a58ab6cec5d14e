using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>
/// Whether the peers train as Lamina does: from the same weights, without dropout, the losses of some steps and the
/// probabilities after them agree. Done once a model; a peer that fails is left out of all of the model's workloads.
/// </summary>
internal sealed class TrainingCheck
{
    private const int Batch = 4;
    private const int Steps = 3;

    // Rounding grows from step to step, so what comes after them may differ by more than one forward's.
    private const double Tolerance = 10 * Agreement.Tolerance;

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
        PeerRequest check = request with { Batch = Batch, Check = true, LearningRate = 1e-3 };
        int classes = PeerModel.Load(request.Folder).Classes;
        Dictionary<string, (double Error, string Failure)> found = [];
        (double[] Losses, float[] Probabilities)? expected = null;
        foreach (Peer peer in peers)
        {
            try
            {
                (double[] Losses, float[] Probabilities) actual = await TrainAsync(context, peer, check, cancellation)
                    .ConfigureAwait(false);
                expected ??= actual;
                double error = actual
                    .Losses.Zip(expected.Value.Losses, (a, e) => Math.Abs((a - e) / e))
                    .Append(Agreement.OfProbabilities(expected.Value.Probabilities, actual.Probabilities, classes))
                    .Max();
                bool agrees = error <= Tolerance;
                found[peer.Title] = (error, agrees ? "" : $"{peer.Title}: its training differs from Lamina's by {error:0.0e+0}");
                context.Progress.WriteLine($"{Path.GetFileName(request.Folder)}: {peer.Title} trains within {error:0.0e+0}");
            }
            catch (Exception e) when (e is LaminaException or System.ComponentModel.Win32Exception)
            {
                found[peer.Title] = (0, e.Message);
            }
        }
        return found;
    }

    private static async Task<(double[] Losses, float[] Probabilities)> TrainAsync(
        SuiteContext context,
        Peer peer,
        PeerRequest check,
        CancellationToken cancellation
    )
    {
        WorkerContender contender = SpeedSuite.Contender(context, peer, check);
        await using (contender.ConfigureAwait(false))
        {
            await contender.StartAsync(cancellation).ConfigureAwait(false);
            var losses = new double[Steps];
            for (int step = 0; step < Steps; step++)
            {
                losses[step] = (await contender.MeasureAsync(0, cancellation).ConfigureAwait(false)).Value;
            }
            return (losses, await contender.OutputAsync(cancellation).ConfigureAwait(false));
        }
    }
}
