using System.Diagnostics;

namespace Lamina;

/// <summary>Runs epochs: steps, running means, validation, callbacks, a clean stop.</summary>
internal sealed class FitLoop(CompiledModel compiled, IReadOnlyList<Callback> callbacks)
{
    public History Run(
        IBatchSource train,
        int epochs,
        IBatchSource? validation,
        int initialEpoch,
        CancellationToken cancellation
    )
    {
        List<EpochLog> history = [];
        bool stopped = cancellation.IsCancellationRequested;
        var clock = Stopwatch.StartNew();
        compiled.StopTraining = false;
        Tell(c => c.OnTrainBegin(compiled));
        try
        {
            for (int epoch = initialEpoch; epoch < epochs && !stopped && !compiled.StopTraining; epoch++)
            {
                Tell(c => c.OnEpochBegin(epoch));
                EpochLog? log = RunEpoch(train, epoch, epochs, initialEpoch, clock, cancellation);
                compiled.UseAverages();
                stopped = log is null;
                if (log is null)
                {
                    break;
                }
                if (validation is not null)
                {
                    Dictionary<string, double> logs = new(log.Logs);
                    foreach ((string key, double value) in Evaluate(validation))
                    {
                        logs[$"val_{key}"] = value;
                    }
                    log = log with { Logs = logs };
                }
                history.Add(log);
                Tell(c => c.OnEpochEnd(log));
                stopped = cancellation.IsCancellationRequested && epoch + 1 < epochs;
            }
        }
        finally
        {
            Tell(c => c.OnTrainEnd());
        }
        return new History(history, stopped);
    }

    public IReadOnlyDictionary<string, double> Evaluate(IBatchSource data)
    {
        var means = new RunningMeans(compiled.Metrics);
        foreach (Batch batch in data.Batches(0))
        {
            means.Add(compiled.TestStep(batch), batch.Count);
        }
        return means.Samples > 0
            ? means.Logs()
            : throw new LaminaException("There is nothing to evaluate: the data has no sample.");
    }

    private EpochLog? RunEpoch(
        IBatchSource train,
        int epoch,
        int epochs,
        int initialEpoch,
        Stopwatch clock,
        CancellationToken cancellation
    )
    {
        int batches = (train.Count + train.BatchSize - 1) / train.BatchSize;
        var means = new RunningMeans(compiled.Metrics);
        long start = Stopwatch.GetTimestamp();
        int done = 0;
        foreach (Batch batch in train.Batches(epoch))
        {
            means.Add(compiled.TrainStep(batch), batch.Count);
            done++;
            TimeSpan spent = Stopwatch.GetElapsedTime(start);
            double share = (epoch - initialEpoch + Math.Min(1, (double)done / batches)) / (epochs - initialEpoch);
            TimeSpan rest = clock.Elapsed * ((1 - share) / share);
            var log = new BatchLog(
                epoch,
                epochs,
                done,
                batches,
                means.Samples,
                means.Samples / spent.TotalSeconds,
                rest,
                means.Logs()
            );
            Tell(c => c.OnTrainBatchEnd(log));
            if (cancellation.IsCancellationRequested && done < batches)
            {
                return null;
            }
            if (compiled.StopTraining)
            {
                break;
            }
        }
        if (means.Samples == 0)
        {
            throw new LaminaException("There is nothing to train on: the data has no sample.");
        }
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        return new EpochLog(epoch, epochs, elapsed, means.Samples / elapsed.TotalSeconds, means.Logs());
    }

    private void Tell(Action<Callback> what)
    {
        foreach (Callback callback in callbacks)
        {
            what(callback);
        }
    }

    /// <summary>Loss and metrics as means over samples.</summary>
    private sealed class RunningMeans
    {
        private readonly IReadOnlyList<Metric> _metrics;
        private double _loss;

        public RunningMeans(IReadOnlyList<Metric> metrics)
        {
            _metrics = metrics;
            foreach (Metric metric in metrics)
            {
                metric.Reset();
            }
        }

        public int Samples { get; private set; }

        public void Add(double loss, int samples)
        {
            _loss += loss * samples;
            Samples += samples;
        }

        public Dictionary<string, double> Logs()
        {
            Dictionary<string, double> logs = new() { ["loss"] = _loss / Samples };
            foreach (Metric metric in _metrics)
            {
                logs[metric.Name] = metric.Result;
            }
            return logs;
        }
    }
}
