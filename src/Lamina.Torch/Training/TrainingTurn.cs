namespace Lamina;

/// <summary>Admits one thread at a time to train a model; that thread may enter again.</summary>
/// <param name="model">The model's name, for the message.</param>
internal sealed class TrainingTurn(string model)
{
    private readonly Lock _lock = new();
    private Thread? _thread;
    private int _depth;

    /// <summary>Enters until the result is disposed.</summary>
    /// <exception cref="InvalidOperationException">Another thread trains the model.</exception>
    public IDisposable Take()
    {
        lock (_lock)
        {
            if (_thread is not null && _thread != Thread.CurrentThread)
            {
                throw new InvalidOperationException(
                    $"{model} is being trained on another thread. Wait until that ends, or use a separate model on each thread."
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
