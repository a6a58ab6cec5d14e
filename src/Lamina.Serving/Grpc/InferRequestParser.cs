using System.Buffers;
using Google.Protobuf;
using Grpc.Core;
using Lamina.Serving.Grpc;

namespace Lamina.Serving;

/// <summary>
/// Parses inference requests with their raw data in pooled memory. The generated parser would allocate an array for each tensor;
/// of the size of images, these are large objects, which only full garbage collections free.
/// </summary>
internal static class InferRequestParser
{
    private const uint RawTag = (ModelInferRequest.RawInputContentsFieldNumber << 3) | 2;

    /// <summary>Reads requests for <see cref="GrpcApi"/>.</summary>
    public static Marshaller<ModelInferRequest> Marshaller { get; } =
        new((message, context) => context.Complete(message.ToByteArray()), c => Parse(c.PayloadAsReadOnlySequence()));

    /// <summary>Parses a message. Raw data is in <see cref="ModelInferRequest.RawTensors"/>.</summary>
    /// <exception cref="RpcException">The bytes are not a message.</exception>
    public static ModelInferRequest Parse(ReadOnlySequence<byte> message)
    {
        var memory = new RequestMemory();
        var tensors = new List<ReadOnlyMemory<byte>>();
        var rest = new ArrayBufferWriter<byte>(512);
        var reader = new SequenceReader<byte>(message);
        while (!reader.End)
        {
            ReadOnlySequence<byte> field = reader.UnreadSequence;
            uint tag = (uint)ReadVarint(ref reader);
            if (tag == RawTag)
            {
                tensors.Add(ReadBytes(ref reader, memory));
                continue;
            }
            if (!TrySkip(ref reader, tag))
            {
                memory.Release();
                return ParseWhole(message);
            }
            foreach (ReadOnlyMemory<byte> part in field.Slice(0, reader.Position))
            {
                rest.Write(part.Span);
            }
        }
        ModelInferRequest request = Generated(rest.WrittenMemory);
        (request.Memory, request.RawTensors) = (memory, tensors);
        return request;
    }

    /// <summary>Parses a message with groups, which the protocol does not have but a client may send.</summary>
    private static ModelInferRequest ParseWhole(ReadOnlySequence<byte> message)
    {
        ModelInferRequest request = Generated(message.ToArray());
        request.RawTensors = [.. request.RawInputContents.Select(c => c.Memory)];
        request.RawInputContents.Clear();
        return request;
    }

    private static ModelInferRequest Generated(ReadOnlyMemory<byte> message)
    {
        try
        {
            return ModelInferRequest.Parser.ParseFrom(message.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            throw Malformed();
        }
    }

    private static ReadOnlyMemory<byte> ReadBytes(ref SequenceReader<byte> reader, RequestMemory memory)
    {
        ReadOnlySequence<byte> bytes = Take(ref reader, (uint)ReadVarint(ref reader));
        int length = (int)bytes.Length;
        byte[] array = memory.RentBytes(length);
        bytes.CopyTo(array);
        return array.AsMemory(0, length);
    }

    /// <summary>Skips a field's value; fails at a group.</summary>
    private static bool TrySkip(ref SequenceReader<byte> reader, uint tag)
    {
        switch (tag & 7)
        {
            case 0:
                ReadVarint(ref reader);
                return true;
            case 1:
                Take(ref reader, sizeof(ulong));
                return true;
            case 2:
                Take(ref reader, (uint)ReadVarint(ref reader));
                return true;
            case 5:
                Take(ref reader, sizeof(uint));
                return true;
            default:
                return false;
        }
    }

    private static ReadOnlySequence<byte> Take(ref SequenceReader<byte> reader, uint length)
    {
        if (length > reader.Remaining)
        {
            throw Malformed();
        }
        ReadOnlySequence<byte> bytes = reader.UnreadSequence.Slice(0, length);
        reader.Advance(length);
        return bytes;
    }

    private static ulong ReadVarint(ref SequenceReader<byte> reader)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if (!reader.TryRead(out byte next))
            {
                throw Malformed();
            }
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
        throw Malformed();
    }

    /// <summary>Returns the error of bytes that are not a message.</summary>
    public static RpcException Malformed(string message = nameof(ModelInferRequest)) =>
        new(new Status(StatusCode.InvalidArgument, $"the message is not a {message}."));
}
