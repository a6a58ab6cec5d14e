using System.Diagnostics;

namespace Lamina.Serving;

/// <summary>A request in the queue of a model, or in a batch.</summary>
/// <param name="inputs">The values, one entry per input of the model.</param>
/// <param name="rows">The number of samples.</param>
/// <param name="level">The priority level, from 0 for the highest.</param>
/// <param name="deadline">The <see cref="Stopwatch"/> time at which the result is worthless.</param>
/// <param name="memory">The memory of the values, held until they are copied.</param>
internal sealed class PendingRequest(PreparedInput[] inputs, int rows, int level, long deadline, RequestMemory memory)
{
    private readonly TaskCompletionSource<IReadOnlyList<NDArray>> _completion = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    public IReadOnlyList<PreparedInput> Inputs => inputs;

    public int Rows => rows;

    public int Level => level;

    public long Deadline => deadline;

    public RequestMemory Memory => memory;

    /// <summary>The place in the queue; null before and after.</summary>
    public LinkedListNode<PendingRequest>? Node { get; set; }

    /// <summary>The <see cref="Stopwatch"/> time at which the request came into the queue.</summary>
    public long Queued { get; set; }

    /// <summary>The <see cref="Stopwatch"/> time at which its batch was begun.</summary>
    public long Taken { get; set; }

    /// <summary>The <see cref="Stopwatch"/> time at which its batch was computed.</summary>
    public long Computed { get; set; }

    /// <summary>The outputs, one array (rows, …) per output of the model.</summary>
    public Task<IReadOnlyList<NDArray>> Result => _completion.Task;

    public void Complete(IReadOnlyList<NDArray> outputs) => _completion.TrySetResult(outputs);

    public void Fail(ServingException error) => _completion.TrySetException(error);
}
