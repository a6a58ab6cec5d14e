using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Lamina.Serving;

/// <summary>Reads bodies of requests into pooled memory, within the server's limits.</summary>
internal sealed class BodyReader(ServingOptions options, BufferedBytes buffered)
{
    private const int FirstBuffer = 64 << 10;

    /// <summary>Reads a body to its end.</summary>
    /// <param name="context">The request.</param>
    /// <param name="memory">Holds the body.</param>
    /// <exception cref="ServingException">It is too large, or too much is being read.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context, RequestMemory memory)
    {
        HttpRequest request = context.Request;
        if (request.ContentLength > options.MaxRequestBytes)
        {
            throw TooLarge();
        }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = options.MaxRequestBytes;
        }
        await using Stream? decompressed = Decompress(request);
        bool sizeKnown = decompressed is null && request.ContentLength is not null;
        int size = sizeKnown ? (int)request.ContentLength!.Value : FirstBuffer;
        byte[] buffer = Rent(memory, size);
        int read = 0;
        while (true)
        {
            if (read == size)
            {
                if (sizeKnown)
                {
                    break;
                }
                if (size == options.MaxRequestBytes)
                {
                    throw TooLarge();
                }
                size = (int)Math.Min(size * 2L, options.MaxRequestBytes + 1);
                byte[] larger = Rent(memory, size);
                buffer.AsSpan(0, read).CopyTo(larger);
                buffer = larger;
            }
            int more = await ReadAsync(decompressed ?? request.Body, buffer.AsMemory(read, size - read), context)
                .ConfigureAwait(false);
            if (more == 0)
            {
                break;
            }
            read += more;
        }
        return read > options.MaxRequestBytes ? throw TooLarge() : buffer.AsMemory(0, read);
    }

    private static async ValueTask<int> ReadAsync(Stream stream, Memory<byte> target, HttpContext context)
    {
        try
        {
            return await stream.ReadAsync(target, context.RequestAborted).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw ServingException.Invalid("the body is not what its Content-Encoding says.", e);
        }
    }

    private static Stream? Decompress(HttpRequest request) =>
        request.Headers.ContentEncoding.ToString() switch
        {
            "" or "identity" => null,
            "gzip" => new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true),
            "deflate" => new ZLibStream(request.Body, CompressionMode.Decompress, leaveOpen: true),
            _ => throw ServingException.Invalid("unknown Content-Encoding. Use gzip, deflate, or none."),
        };

    private byte[] Rent(RequestMemory memory, int length)
    {
        buffered.Add(memory, length);
        return memory.RentBytes(length);
    }

    private ServingException TooLarge() =>
        new(
            ServingError.TooLarge,
            $"the body is larger than {options.MaxRequestBytes} bytes, the server's limit. Send fewer samples per request."
        );
}
