using System.Diagnostics;
using Lamina.Torch;

namespace Lamina.Serving;

/// <summary>
/// A thread that computes the batches of one instance of a model. It is always the same thread: libtorch keeps a team of
/// threads for each thread that calls it.
/// </summary>
internal sealed class BatchWorker
{
    private readonly IInferenceModel _model;
    private readonly RequestQueue _queue;
    private readonly ModelStatistics _statistics;
    private readonly BatchingOptions _options;
    private readonly float[][] _buffers;
    private readonly TaskCompletionSource _warm = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts the thread, which first computes a batch of zeros of each extreme size.</summary>
    public BatchWorker(
        string name,
        IInferenceModel model,
        RequestQueue queue,
        ModelStatistics statistics,
        BatchingOptions options
    )
    {
        (_model, _queue, _statistics, _options) = (model, queue, statistics, options);
        _buffers = [.. model.Inputs.Select(_ => Array.Empty<float>())];
        new Thread(Run) { Name = $"serve {name}", IsBackground = true }.Start();
    }

    /// <summary>Ends when the instance is warm; fails if the model does.</summary>
    public Task Warm => _warm.Task;

    /// <summary>Ends when the queue is closed and empty.</summary>
    public Task Ended => _ended.Task;

    private void Run()
    {
        try
        {
            TorchLibrary.ShareThreads(_options.Instances);
            WarmUp();
            while (_queue.Take() is { Count: > 0 } batch)
            {
                Compute(batch);
            }
        }
        finally
        {
            _ended.SetResult();
        }
    }

    private void WarmUp()
    {
        try
        {
            foreach (int rows in new[] { _options.MaxBatch, 1 })
            {
                NDArray[] zeros = [.. Enumerable.Range(0, _buffers.Length).Select(i => Input(i, rows))];
                IReadOnlyList<NDArray> outputs = _model.Predict(zeros);
                Require(outputs, rows);
            }
            _warm.SetResult();
        }
        catch (Exception e)
        {
            _warm.SetException(e);
        }
    }

    private void Compute(List<PendingRequest> batch)
    {
        int rows = batch.Sum(r => r.Rows);
        long started = Stopwatch.GetTimestamp();
        batch.ForEach(r => _statistics.Queued(started - r.Queued));
        try
        {
            Execute(batch, rows);
        }
        catch (Exception e)
        {
            if (batch.Count > 1)
            {
                // Only the request that the model fails on fails.
                batch.ForEach(ComputeAlone);
            }
            else
            {
                batch[0].Fail(Failure(e));
            }
        }
        finally
        {
            batch.ForEach(r => r.Memory.Release());
            _queue.Ended(rows, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
    }

    private void ComputeAlone(PendingRequest request)
    {
        try
        {
            Execute([request], request.Rows);
        }
        catch (Exception e)
        {
            request.Fail(Failure(e));
        }
    }

    private void Execute(List<PendingRequest> batch, int rows)
    {
        long start = Stopwatch.GetTimestamp();
        NDArray[] inputs = [.. Enumerable.Range(0, _buffers.Length).Select(i => Assemble(batch, i, rows))];
        long assembled = Stopwatch.GetTimestamp();
        IReadOnlyList<NDArray> outputs = _model.Predict(inputs);
        long computed = Stopwatch.GetTimestamp();
        Require(outputs, rows);
        int row = 0;
        foreach (PendingRequest request in batch)
        {
            int first = row;
            (request.Taken, request.Computed) = (start, computed);
            request.Complete([.. outputs.Select(o => o.Samples(first, request.Rows))]);
            row += request.Rows;
        }
        long ended = Stopwatch.GetTimestamp();
        _statistics.Executed(batch.Count, rows, assembled - start, computed - assembled, ended - computed);
    }

    private NDArray Assemble(List<PendingRequest> batch, int input, int rows)
    {
        NDArray target = Input(input, rows);
        int sample = _model.Inputs[input].SampleSize;
        int row = 0;
        foreach (PendingRequest request in batch)
        {
            request.Inputs[input].CopyTo(target.Values.Slice(row * sample, request.Rows * sample));
            row += request.Rows;
        }
        return target;
    }

    private NDArray Input(int input, int rows)
    {
        TensorSpec spec = _model.Inputs[input];
        int size = checked(rows * spec.SampleSize);
        if (_buffers[input].Length < size)
        {
            _buffers[input] = new float[size];
        }
        return new NDArray(spec.Sample.Batched(rows), _buffers[input].AsMemory(0, size));
    }

    private void Require(IReadOnlyList<NDArray> outputs, int rows)
    {
        if (outputs.Count != _model.Outputs.Count || outputs.Any(o => o.Count != rows))
        {
            throw new LaminaException($"the model returned {outputs.Count} outputs that do not fit a batch of {rows}.");
        }
    }

    private static ServingException Failure(Exception e) =>
        new(ServingError.Internal, $"the model failed: {(e is LaminaException ? e.Message : e.GetType().Name)}", e);
}
