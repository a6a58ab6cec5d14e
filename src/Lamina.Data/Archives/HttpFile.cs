using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Lamina;

/// <summary>
/// A file on a server, read by range requests. Cut connections continue at the next byte; errors that may pass are retried.
/// Thread-safe.
/// </summary>
internal sealed class HttpFile
{
    private const int BufferBytes = 128 << 10;
    private readonly HttpAccess _access;
    private readonly Uri _address;
    private readonly EntityTagHeaderValue? _tag;

    private HttpFile(HttpAccess access, Uri address, FirstAnswer first)
    {
        (_access, _address) = (access, address);
        (Length, HasRanges, _tag) = (first.Length, first.HasRanges, first.Tag);
        string version = first.Tag?.ToString() ?? first.Modified?.ToString("O", CultureInfo.InvariantCulture) ?? "";
        Stamp = string.Create(CultureInfo.InvariantCulture, $"{Length} bytes, {version}");
    }

    /// <summary>The address without its query, which may have a secret.</summary>
    public string Name => NameOf(_address);

    /// <summary>The number of bytes.</summary>
    public long Length { get; }

    /// <summary><see langword="true"/> if the server can send parts of the file.</summary>
    public bool HasRanges { get; }

    /// <summary>The identity of the content: its length and version.</summary>
    public string Stamp { get; }

    /// <summary>Finds a file by requesting its first byte.</summary>
    /// <returns>The file; <see langword="null"/> if the server has none at this address.</returns>
    /// <exception cref="ConnectionException">The server does not answer, or refuses.</exception>
    public static HttpFile? Find(HttpAccess access, string address, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri))
        {
            throw new DataException(address, "is not an address (https://host/path).");
        }
        FirstAnswer? first = null;
        new HttpRetry(access, NameOf(uri), cancellation).Run(async timeout =>
        {
            timeout.CancelAfter(access.Timeout);
            using HttpResponseMessage response = await HttpAccess
                .GetAsync(uri, new RangeHeaderValue(0, 0), timeout.Token)
                .ConfigureAwait(false);
            if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
            {
                return true;
            }
            HttpContentHeaders headers = response.Content.Headers;
            bool isPart = response.StatusCode == HttpStatusCode.PartialContent;
            // An empty file has no first byte.
            bool isEmpty = response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable;
            if (!isPart && !isEmpty)
            {
                HttpRetry.RequireSuccess(response);
            }
            long? length = isPart || isEmpty ? headers.ContentRange?.Length : headers.ContentLength;
            first = new FirstAnswer(
                length ?? throw new HttpRequestException("the server does not state the length"),
                isPart,
                response.Headers.ETag,
                headers.LastModified
            );
            return true;
        });
        return first is null ? null : new HttpFile(access, uri, first);
    }

    /// <summary>Reads a small file, such as a list of classes.</summary>
    /// <returns>The bytes; <see langword="null"/> if there is no such file or it is larger.</returns>
    /// <exception cref="ConnectionException">The server does not answer, or refuses.</exception>
    public static byte[]? ReadSmall(HttpAccess access, string address, int most, CancellationToken cancellation)
    {
        if (Find(access, address, cancellation) is not { } file || file.Length > most)
        {
            return null;
        }
        var bytes = new byte[file.Length];
        int at = 0;
        file.Transfer(
            0,
            bytes.Length,
            part =>
            {
                part.CopyTo(bytes.AsSpan(at));
                at += part.Length;
            },
            () => at = 0,
            cancellation
        );
        return bytes;
    }

    /// <summary>Reads bytes.</summary>
    /// <exception cref="ConnectionException">They cannot be read, even after several attempts.</exception>
    public void Read(long offset, byte[] target, int start, int count)
    {
        int at = start;
        Transfer(
            offset,
            count,
            part =>
            {
                part.CopyTo(target.AsSpan(at));
                at += part.Length;
            },
            null,
            default
        );
    }

    /// <summary>Reads bytes and passes them on in order.</summary>
    /// <param name="offset">The first byte.</param>
    /// <param name="count">The number of bytes.</param>
    /// <param name="sink">Receives the bytes.</param>
    /// <param name="restart">
    /// Called when the server sends the file from its beginning again; <see langword="null"/> to refuse servers that cannot
    /// send parts.
    /// </param>
    /// <param name="cancellation">Cancels the transfer.</param>
    /// <exception cref="ConnectionException">The bytes cannot be read, even after several attempts.</exception>
    public void Transfer(
        long offset,
        long count,
        Action<ReadOnlySpan<byte>> sink,
        Action? restart,
        CancellationToken cancellation
    )
    {
        long done = 0;
        if (count == 0)
        {
            return;
        }
        var retry = new HttpRetry(_access, Name, cancellation);
        retry.Run(async timeout =>
        {
            timeout.CancelAfter(_access.Timeout);
            var range = new RangeHeaderValue(offset + done, offset + count - 1);
            using HttpResponseMessage response = await HttpAccess
                .GetAsync(_address, HasRanges ? range : null, timeout.Token)
                .ConfigureAwait(false);
            RequireAnswer(response, offset + done, restart is not null);
            if (response.StatusCode == HttpStatusCode.OK && (offset + done > 0 || !HasRanges))
            {
                restart!();
                (offset, count, done) = (0, count + offset, 0);
            }
            using Stream body = await response.Content.ReadAsStreamAsync(timeout.Token).ConfigureAwait(false);
            var buffer = new byte[BufferBytes];
            while (done < count)
            {
                timeout.CancelAfter(_access.Timeout);
                int wanted = (int)Math.Min(buffer.Length, count - done);
                int read = await body.ReadAsync(buffer.AsMemory(0, wanted), timeout.Token).ConfigureAwait(false);
                if (read == 0)
                {
                    throw new IOException($"the connection ended {count - done} bytes too early");
                }
                sink(buffer.AsSpan(0, read));
                done += read;
                retry.Progressed();
            }
            return true;
        });
    }

    private void RequireAnswer(HttpResponseMessage response, long from, bool allowsWhole)
    {
        if (response.StatusCode == HttpStatusCode.PartialContent)
        {
            ContentRangeHeaderValue? sent = response.Content.Headers.ContentRange;
            if (sent?.From != from)
            {
                throw new HttpRequestException($"the server sent bytes from {sent?.From} instead of {from}");
            }
            RequireSame(sent.Length, response);
            return;
        }
        HttpRetry.RequireSuccess(response);
        RequireSame(response.Content.Headers.ContentLength, response);
        if (!allowsWhole)
        {
            throw new ConnectionException(
                Name,
                $"the server cannot send parts of files. Set {HttpAccess.CacheVariable} to a folder for copies of the shards."
            );
        }
    }

    private void RequireSame(long? length, HttpResponseMessage response)
    {
        bool isOther = _tag is not null && response.Headers.ETag is { } tag && !tag.Equals(_tag);
        if ((length is not null && length != Length) || isOther)
        {
            throw new ConnectionException(
                Name,
                $"changed on the server while in use: it had {Length} bytes, now {length}. Start again with the new file."
            );
        }
    }

    private static string NameOf(Uri address) =>
        address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.Unescaped);

    private sealed record FirstAnswer(long Length, bool HasRanges, EntityTagHeaderValue? Tag, DateTimeOffset? Modified);
}
