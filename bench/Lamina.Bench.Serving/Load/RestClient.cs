using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Lamina.Bench.Serving;

/// <summary>
/// HTTP/1.1 over a blocking socket: the request is built once, so that the client costs the machine hardly more than the
/// copies of the kernel.
/// </summary>
internal sealed class RestClient(Uri address, byte[] request) : LoadClient
{
    private readonly byte[] _buffer = new byte[64 << 10];
    private Socket? _socket;

    public override ValueTask<int> SendAsync()
    {
        _socket ??= Connect();
        try
        {
            for (int sent = 0; sent < request.Length; )
            {
                sent += _socket.Send(request, sent, request.Length - sent, SocketFlags.None);
            }
            return ValueTask.FromResult(ReadAnswer(_socket));
        }
        catch (SocketException)
        {
            _socket.Dispose();
            _socket = null;
            throw;
        }
    }

    public override void Dispose() => _socket?.Dispose();

    private Socket Connect()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(address.Host, address.Port);
        return socket;
    }

    private int ReadAnswer(Socket socket)
    {
        int read = 0;
        int head;
        while ((head = _buffer.AsSpan(0, read).IndexOf("\r\n\r\n"u8)) < 0)
        {
            read += Receive(socket, _buffer.AsSpan(read));
        }
        string text = Encoding.ASCII.GetString(_buffer, 0, head);
        int status = int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture);
        const string name = "\r\nContent-Length: ";
        int at = text.IndexOf(name, StringComparison.OrdinalIgnoreCase) + name.Length;
        int end = text.IndexOf('\r', at) is var line and >= 0 ? line : text.Length;
        int left = int.Parse(text.AsSpan(at, end - at), CultureInfo.InvariantCulture) - (read - head - 4);
        while (left > 0)
        {
            left -= Receive(socket, _buffer);
        }
        return status;
    }

    private static int Receive(Socket socket, Span<byte> target)
    {
        int got = socket.Receive(target);
        return got > 0 ? got : throw new SocketException((int)SocketError.ConnectionReset);
    }
}
