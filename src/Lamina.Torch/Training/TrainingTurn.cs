namespace Lamina;

/// <summary>Who trains a model: one thread at a time, which may begin again while it does.</summary>
/// <param name="model">The model's name, for the message.</param>
internal sealed class TrainingTurn(string model)
{
    private readonly Lock _lock = new();
    private Thread? _thread;
    private int _depth;

    /// <summary>Takes the turn until the result is disposed.</summary>
    /// <exception cref="InvalidOperationException">Another thread has it.</exception>
    public IDisposable Take()
    {
        lock (_lock)
        {
            if (_thread is not null && _thread != Thread.CurrentThread)
            {
                throw new InvalidOperationException(
                    $"{model} is being trained on another thread. Wait until that ends, or train a model of its own on each thread."
                );
            }
            _thread = Thread.CurrentThread;
            _depth++;
        }
        return new Turn(this);
    }

    private void End()
    {
        lock (_lock)
        {
            if (--_depth == 0)
            {
                _thread = null;
            }
        }
    }

    private sealed class Turn(TrainingTurn owner) : IDisposable
    {
        public void Dispose() => owner.End();
    }
}
