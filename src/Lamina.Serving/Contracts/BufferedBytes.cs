namespace Lamina.Serving;

/// <summary>The bytes of all requests in memory, which have a limit together.</summary>
internal sealed class BufferedBytes(ServingOptions options)
{
    private long _count;

    /// <summary>The number of bytes.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Adds bytes that a request's memory has until it is returned.</summary>
    /// <exception cref="ServingException">There are too many.</exception>
    public void Add(RequestMemory memory, long bytes)
    {
        Add(bytes);
        memory.OnRelease(() => Remove(bytes));
    }

    /// <summary>Adds bytes, which the caller removes.</summary>
    /// <exception cref="ServingException">There are too many.</exception>
    public void Add(long bytes)
    {
        if (Interlocked.Add(ref _count, bytes) > options.MaxBufferedBytes)
        {
            Remove(bytes);
            throw new ServingException(
                ServingError.Unavailable,
                "the server holds as many bytes of requests as it may. Try again later."
            );
        }
    }

    /// <summary>Removes bytes.</summary>
    public void Remove(long bytes) => Interlocked.Add(ref _count, -bytes);
}
