using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lamina;

/// <summary>The fault of an answer.</summary>
public enum Fault
{
    /// <summary>The whole answer.</summary>
    None,

    /// <summary>The connection ends in the middle of the body.</summary>
    Cut,

    /// <summary>The connection ends before the answer.</summary>
    Drop,

    /// <summary>500 Internal Server Error.</summary>
    Error,

    /// <summary>503 Service Unavailable, with Retry-After.</summary>
    Busy,

    /// <summary>The body does not come and the connection stays open.</summary>
    Stall,

    /// <summary>A part that begins one byte later.</summary>
    WrongRange,

    /// <summary>404 Not Found.</summary>
    Missing,
}

/// <summary>A server of files by HTTP/1.1 on a free port, whose answers fail as a test wants.</summary>
public sealed class UnreliableServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, byte[]> _files;
    private readonly Func<int, string, Fault> _faultOf;
    private int _requests;
    private long _sent;

    /// <param name="files">The files by path, such as "/x.tar".</param>
    /// <param name="faultOf">Returns the fault of a request by its number, from 0, and its path.</param>
    public UnreliableServer(IEnumerable<(string Path, byte[] Bytes)> files, Func<int, string, Fault>? faultOf = null)
    {
        _files = files.ToDictionary(f => f.Path, f => f.Bytes, StringComparer.Ordinal);
        _faultOf = faultOf ?? ((_, _) => Fault.None);
        _listener.Start();
        _ = Task.Run(Accept);
    }

    /// <summary>The address, without a slash at its end.</summary>
    public string Address =>
        string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary><see langword="false"/> if requests for ranges get whole files.</summary>
    public bool HasRanges { get; init; } = true;

    /// <summary>The version of the files.</summary>
    public string Tag { get; set; } = "\"1\"";

    /// <summary>The number of requests so far.</summary>
    public int Requests => _requests;

    /// <summary>The bytes of bodies so far.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    private async Task Accept()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = Task.Run(() => Serve(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Serve(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                while (await Answer(stream, reader)) { }
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // The client closed the connection.
            }
        }
    }

    /// <returns><see langword="true"/> if the connection may serve another request.</returns>
    private async Task<bool> Answer(NetworkStream stream, StreamReader reader)
    {
        if (await reader.ReadLineAsync(_stop.Token) is not { Length: > 0 } request)
        {
            return false;
        }
        (long from, long to) = (0, long.MaxValue);
        while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } header)
        {
            if (header.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase) && HasRanges)
            {
                string[] ends = header[13..].Split('-');
                from = long.Parse(ends[0], CultureInfo.InvariantCulture);
                to = long.Parse(ends[1], CultureInfo.InvariantCulture);
            }
        }
        string path = request.Split(' ')[1].Split('?')[0];
        Fault fault = _faultOf(Interlocked.Increment(ref _requests) - 1, path);
        if (fault == Fault.Drop)
        {
            return false;
        }
        if (fault == Fault.Missing || !_files.TryGetValue(path, out byte[]? file))
        {
            return await Head(stream, "404 Not Found", "Content-Length: 0");
        }
        if (fault is Fault.Error or Fault.Busy)
        {
            string status = fault == Fault.Error ? "500 Internal Server Error" : "503 Service Unavailable";
            return await Head(stream, status, "Content-Length: 0", fault == Fault.Busy ? "Retry-After: 1" : "X-A: b");
        }
        bool isPart = to < long.MaxValue;
        to = Math.Min(to, file.Length - 1);
        int shift = fault == Fault.WrongRange ? 1 : 0;
        long length = to - from + 1;
        await Head(
            stream,
            isPart ? "206 Partial Content" : "200 OK",
            $"Content-Length: {length}",
            $"ETag: {Tag}",
            isPart ? $"Content-Range: bytes {from + shift}-{to + shift}/{file.Length}" : "X-A: b"
        );
        bool isWhole = fault is not (Fault.Cut or Fault.Stall);
        int count = (int)(
            isWhole ? length
            : fault == Fault.Cut ? (length + 1) / 2
            : 0
        );
        await stream.WriteAsync(file.AsMemory((int)from, count), _stop.Token);
        Interlocked.Add(ref _sent, count);
        if (fault == Fault.Stall)
        {
            await Task.Delay(Timeout.Infinite, _stop.Token);
        }
        return isWhole;
    }

    private async Task<bool> Head(NetworkStream stream, string status, params string[] headers)
    {
        string text = $"HTTP/1.1 {status}\r\n{string.Join("\r\n", headers)}\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text), _stop.Token);
        return true;
    }
}
