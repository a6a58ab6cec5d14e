using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Lamina.Distributed.Liveness;

/// <summary>A connection that carries lines of text; it notes when the last one arrived.</summary>
internal sealed class Line : IDisposable
{
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;
    private readonly Lock _lock = new();
    private long _heard = Stopwatch.GetTimestamp();

    public Line(TcpClient client)
    {
        _client = client;
        _client.NoDelay = true;
        _client.SendTimeout = 1000;
        _stream = client.GetStream();
        _reader = new StreamReader(_stream, Encoding.UTF8);
    }

    /// <summary>The time since the last line, or since <see cref="Forgive"/>.</summary>
    public TimeSpan Silence => Stopwatch.GetElapsedTime(Interlocked.Read(ref _heard));

    /// <summary>Counts the silence from now.</summary>
    public void Forgive() => Interlocked.Exchange(ref _heard, Stopwatch.GetTimestamp());

    /// <summary>Sends a line.</summary>
    /// <returns><see langword="false"/> if the connection is lost.</returns>
    public bool Send(string line)
    {
        try
        {
            lock (_lock)
            {
                _stream.Write(Encoding.UTF8.GetBytes(line.ReplaceLineEndings(" ") + "\n"));
            }
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException)
        {
            return false;
        }
    }

    /// <summary>Waits for a line.</summary>
    /// <returns>The word it begins with and the rest; <see langword="null"/> at the end of the connection.</returns>
    public async Task<(string Word, string Text)?> Receive()
    {
        try
        {
            if (await _reader.ReadLineAsync().ConfigureAwait(false) is not { } line)
            {
                return null;
            }
            Forgive();
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            return space < 0 ? (line, "") : (line[..space], line[(space + 1)..]);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}
