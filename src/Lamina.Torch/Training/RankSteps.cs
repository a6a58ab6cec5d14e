using System.Runtime.InteropServices;
using System.Text;
using Lamina.Torch.Kernels;

namespace Lamina.Torch;

/// <summary>The exchange of values between the steps of one rank and those of the others.</summary>
/// <param name="distribution">The ranks and the settings.</param>
internal sealed class RankSteps(Distribution distribution) : IDisposable
{
    private readonly ICommunicator _ranks = distribution.Communicator;
    private readonly GradientReducer _gradients = new(distribution);
    private double[][] _before = [];

    /// <summary>The ranks and the settings.</summary>
    public Distribution Distribution => distribution;

    /// <summary><see langword="true"/> if this rank writes files and reports progress.</summary>
    public bool IsFirst => _ranks.Rank == 0;

    /// <summary>Returns this rank's part of a source.</summary>
    public IBatchSource PartOf(IBatchSource source) => SlicedSource.Of(source, _ranks.Rank, _ranks.Size);

    /// <summary>Returns a step of this rank's part of a batch.</summary>
    public StepContext ContextOf(in StepContext step, Batch batch) =>
        step with
        {
            FirstRow = (long)batch.FirstSample * batch.Crops,
            Shared = new SharedStatistics(_ranks, distribution.SynchronizesBatchNormalization, !batch.IsFiller),
        };

    /// <summary>Returns the number of samples of all ranks' parts of a batch.</summary>
    public int CountOf(Batch batch)
    {
        double[] count = [batch.IsFiller ? 0 : batch.Count];
        _ranks.AllReduce(count);
        return (int)count[0];
    }

    /// <summary>Prepares metrics for a step, so that <see cref="Agree"/> finds in them this step alone.</summary>
    public void Begin(IReadOnlyList<OutputMetric> metrics)
    {
        _before = [.. metrics.Select(m => m.Metric.Accumulated)];
        foreach (OutputMetric metric in metrics)
        {
            metric.Metric.Reset();
        }
    }

    /// <summary>Returns the loss of the whole batch, and sets metrics to their values over all ranks.</summary>
    /// <param name="loss">The loss of this rank's part.</param>
    /// <param name="batch">This rank's part.</param>
    /// <param name="metrics">The metrics that <see cref="Begin"/> prepared.</param>
    /// <returns>The loss, and the share of this rank's samples in the batch.</returns>
    public (BatchLoss Loss, double Share) Agree(BatchLoss loss, Batch batch, IReadOnlyList<OutputMetric> metrics)
    {
        int count = batch.IsFiller ? 0 : batch.Count;
        double[][] states = [.. metrics.Select(m => m.Metric.Accumulated)];
        double[] sums =
        [
            count,
            .. loss.Parts.Prepend(loss.Total).Select(v => count == 0 ? 0 : v * count),
            .. states.SelectMany(s => s).Select(v => count == 0 ? 0 : v),
        ];
        _ranks.AllReduce(sums);
        int samples = (int)sums[0];
        int at = 2 + loss.Parts.Length;
        for (int i = 0; i < states.Length; i++)
        {
            double[] sum = sums[at..(at + states[i].Length)];
            at += sum.Length;
            for (int j = 0; j < _before[i].Length; j++)
            {
                sum[j] += _before[i][j];
            }
            metrics[i].Metric.Accumulated = sum;
        }
        double divisor = Math.Max(1, samples);
        return (
            new BatchLoss(sums[1] / divisor, [.. sums[2..(2 + loss.Parts.Length)].Select(v => v / divisor)])
            {
                Samples = samples,
            },
            count / divisor
        );
    }

    /// <summary>Runs backward, and updates each weight by the sum of all ranks' gradients.</summary>
    /// <param name="plan">The plan, after its forward pass.</param>
    /// <param name="step">The step.</param>
    /// <param name="gradients">The gradients of the results for this rank's mean loss, owned by this method.</param>
    /// <param name="share">The share of this rank's samples in the batch.</param>
    /// <param name="update">Updates a weight by a gradient, which it owns.</param>
    public void Backward(
        Plan plan,
        in StepContext step,
        IReadOnlyList<Tensor?> gradients,
        double share,
        Action<Weight, Tensor> update
    )
    {
        foreach (Tensor gradient in gradients.OfType<Tensor>())
        {
            if (share != 1)
            {
                Aten.MulInPlace(gradient, share);
            }
        }
        plan.Backward(step, gradients, (weight, gradient) => _gradients.Add(weight, gradient, update));
        _gradients.Complete(update);
    }

    /// <summary>Averages the statistics that each rank's part has moved, unless they are those of the whole batch.</summary>
    public void Average(MovedStatistics statistics, double share)
    {
        if (!distribution.SynchronizesBatchNormalization)
        {
            statistics.Average(_ranks, share);
        }
    }

    /// <summary>Returns <see langword="true"/> on all ranks if it is on one.</summary>
    public bool Any(bool value)
    {
        double[] sum = [value ? 1 : 0];
        _ranks.AllReduce(sum);
        return sum[0] > 0;
    }

    /// <summary>Replaces the means over this rank's parts by those over all.</summary>
    public void Merge(RunningMeans means) => means.Merge(_ranks);

    /// <summary>Compares the weights of all ranks if it is time to.</summary>
    /// <exception cref="LaminaException">They differ: on which rank.</exception>
    public void Check(Model model, long step)
    {
        if (distribution.ChecksumEvery > 0 && step % distribution.ChecksumEvery == 0)
        {
            WeightChecksum.Require(model, _ranks, step);
        }
    }

    /// <summary>Copies text from the first rank to all.</summary>
    public string? Share(string? text) => Share(_ranks, text);

    /// <summary>Copies text from the first rank to all.</summary>
    public static string? Share(ICommunicator ranks, string? text)
    {
        byte[] bytes = text is null ? [] : Encoding.UTF8.GetBytes(text);
        int[] length = [text is null ? -1 : bytes.Length];
        ranks.Broadcast(MemoryMarshal.AsBytes(length.AsSpan()));
        if (length[0] < 0)
        {
            return null;
        }
        bytes = ranks.Rank == 0 ? bytes : new byte[length[0]];
        ranks.Broadcast(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Copies values from the first rank to all.</summary>
    public void Share(Span<float> values) => _ranks.Broadcast(MemoryMarshal.AsBytes(values));

    /// <inheritdoc/>
    public void Dispose() => _gradients.Dispose();
}
