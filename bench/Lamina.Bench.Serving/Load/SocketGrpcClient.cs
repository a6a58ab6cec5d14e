using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Lamina.Serving.Grpc;

namespace Lamina.Bench.Serving;

/// <summary>
/// gRPC over a blocking socket: the frames of HTTP/2 are built once, so that the client costs the machine hardly more than the
/// copies of the kernel. It keeps to the server's flow control.
/// </summary>
internal sealed class SocketGrpcClient(Uri address, ModelInferRequest request) : LoadClient
{
    private const int FrameHead = 9;
    private const int FrameSize = 16 << 10;
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Settings = 4;
    private const byte Ping = 6;
    private const byte WindowUpdate = 8;
    private const byte Acknowledged = 1;
    private const byte EndStream = 1;
    private const byte EndHeaders = 4;

    private readonly byte[] _frames = Frames(address, request);
    private readonly byte[] _buffer = new byte[FrameHead + FrameSize];
    private Socket? _socket;
    private int _stream = 1;
    private long _window = 65_535;
    private long _initialStreamWindow = 65_535;
    private long _streamWindow;
    private bool _settled;

    public override ValueTask<int> SendAsync()
    {
        _socket ??= Connect();
        while (!_settled)
        {
            ReadFrame(_socket, out _);
        }
        int status = 0;
        _streamWindow = _initialStreamWindow;
        for (int at = 0; at < _frames.Length && status == 0; )
        {
            int end = SendableEnd(at);
            while (end == at && status == 0)
            {
                status = ReadFrame(_socket, out _);
                end = SendableEnd(at);
            }
            for (; at < end; at += _socket.Send(_frames, at, end - at, SocketFlags.None)) { }
        }
        bool ended = false;
        while (!ended)
        {
            int seen = ReadFrame(_socket, out ended);
            status = seen == 0 ? status : seen;
        }
        NextStream();
        return ValueTask.FromResult(status);
    }

    public override void Dispose() => _socket?.Dispose();

    /// <summary>Returns the HEADERS frame and the DATA frames of a call on stream 1.</summary>
    private static byte[] Frames(Uri address, ModelInferRequest request)
    {
        byte[] message = request.ToByteArray();
        byte[] body = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), message.Length);
        message.CopyTo(body, 5);
        var frames = new MemoryStream();
        // Literal fields without indexing, by HPACK's static names where it has them.
        var head = new MemoryStream();
        head.Write([0x83, 0x86]);
        Literal(head, 4, "/inference.GRPCInferenceService/ModelInfer");
        Literal(head, 1, address.Authority);
        Literal(head, 0, "application/grpc", "content-type");
        Literal(head, 0, "trailers", "te");
        Frame(frames, Headers, EndHeaders, head.ToArray());
        for (int at = 0; at < body.Length; at += FrameSize)
        {
            int size = Math.Min(FrameSize, body.Length - at);
            Frame(frames, Data, at + size == body.Length ? EndStream : (byte)0, body.AsSpan(at, size));
        }
        return frames.ToArray();
    }

    private static void Literal(MemoryStream head, byte index, string value, string? name = null)
    {
        head.WriteByte(index);
        foreach (string text in name is null ? [value] : (string[])[name, value])
        {
            head.WriteByte((byte)text.Length);
            head.Write(Encoding.ASCII.GetBytes(text));
        }
    }

    private static void Frame(MemoryStream frames, byte type, byte flags, ReadOnlySpan<byte> payload)
    {
        frames.Write([(byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags]);
        frames.Write([0, 0, 0, 1]);
        frames.Write(payload);
    }

    private static int LengthAt(ReadOnlySpan<byte> frame) => (frame[0] << 16) | (frame[1] << 8) | frame[2];

    /// <summary>Returns the end of the frames that the windows allow, and takes them off the windows.</summary>
    private int SendableEnd(int at)
    {
        int end = at;
        while (end < _frames.Length)
        {
            int length = LengthAt(_frames.AsSpan(end));
            int counted = _frames[end + 3] == Data ? length : 0;
            if (counted > Math.Min(_window, _streamWindow))
            {
                break;
            }
            _window -= counted;
            _streamWindow -= counted;
            end += FrameHead + length;
        }
        return end;
    }

    private void NextStream()
    {
        _stream += 2;
        for (int at = 0; at < _frames.Length; at += FrameHead + LengthAt(_frames.AsSpan(at)))
        {
            BinaryPrimitives.WriteInt32BigEndian(_frames.AsSpan(at + 5), _stream);
        }
    }

    private Socket Connect()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(address.Host, address.Port);
        socket.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        // No dynamic table, so that every answer's fields are literal; large windows for answers.
        socket.Send([0, 0, 12, Settings, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 4, 0x7F, 0xFF, 0, 0]);
        socket.Send([0, 0, 4, WindowUpdate, 0, 0, 0, 0, 0, 0x7F, 0, 0, 0]);
        return socket;
    }

    /// <summary>Reads a frame and does what it asks.</summary>
    /// <returns>The status, if it holds one; otherwise 0.</returns>
    private int ReadFrame(Socket socket, out bool ended)
    {
        Receive(socket, _buffer.AsSpan(0, FrameHead));
        int length = LengthAt(_buffer);
        (byte type, byte flags) = (_buffer[3], _buffer[4]);
        int stream = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(5));
        Span<byte> payload = _buffer.AsSpan(FrameHead, length);
        Receive(socket, payload);
        ended = type is Data or Headers && (flags & EndStream) != 0;
        switch (type)
        {
            case Headers:
                int at = payload.IndexOf("grpc-status"u8);
                return at < 0 ? 0
                    : payload[at + "grpc-status".Length + 1] == (byte)'0' ? Ok
                    : Refused;
            case Settings when (flags & Acknowledged) == 0:
                for (; payload.Length > 0; payload = payload[6..])
                {
                    if (BinaryPrimitives.ReadInt16BigEndian(payload) == 4)
                    {
                        _initialStreamWindow = BinaryPrimitives.ReadInt32BigEndian(payload[2..]);
                    }
                }
                _settled = true;
                socket.Send([0, 0, 0, Settings, Acknowledged, 0, 0, 0, 0]);
                return 0;
            case WindowUpdate when stream == 0:
                _window += BinaryPrimitives.ReadInt32BigEndian(payload);
                return 0;
            case WindowUpdate when stream == _stream:
                _streamWindow += BinaryPrimitives.ReadInt32BigEndian(payload);
                return 0;
            case Ping when (flags & Acknowledged) == 0:
                (_buffer[4], _buffer[3]) = (Acknowledged, Ping);
                socket.Send(_buffer.AsSpan(0, FrameHead + length));
                return 0;
            case Data or Settings or WindowUpdate or Ping:
                return 0;
            default:
                throw new SocketException((int)SocketError.ConnectionReset);
        }
    }

    private static void Receive(Socket socket, Span<byte> target)
    {
        while (target.Length > 0)
        {
            int got = socket.Receive(target);
            target = got > 0 ? target[got..] : throw new SocketException((int)SocketError.ConnectionReset);
        }
    }
}
