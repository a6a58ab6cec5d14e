using System.Globalization;
using System.Net.Http.Headers;

namespace Lamina;

/// <summary>The settings for reading shards from servers: limits of time, attempts and memory, and a folder for copies.</summary>
internal sealed record HttpAccess
{
    /// <summary>The environment variable that names the folder for copies of shards.</summary>
    public const string CacheVariable = "LAMINA_SHARD_CACHE";

    /// <summary>The environment variable that sets <see cref="Attempts"/>.</summary>
    public const string AttemptsVariable = "LAMINA_HTTP_ATTEMPTS";

    /// <summary>The environment variable that sets the memory for pages in MB.</summary>
    public const string MemoryVariable = "LAMINA_HTTP_MB";

    private const int StandardPages = 32;

    // One client for all: it keeps connections, and many clients would exhaust ports.
    private static readonly HttpClient s_client = CreateClient();

    /// <summary>The settings of the process.</summary>
    public static HttpAccess Default { get; } =
        new()
        {
            Attempts = Setting(AttemptsVariable, 8, 1000),
            PageBytes = (int)(((long)Setting(MemoryVariable, 256, 32 << 10) << 20) / StandardPages),
            CacheFolder = Environment.GetEnvironmentVariable(CacheVariable) is { Length: > 0 } folder ? folder : null,
        };

    /// <summary>The number of attempts in a row without a single byte.</summary>
    public int Attempts { get; init; } = 8;

    /// <summary>The longest delay before the second attempt; it doubles with each.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest delay, also where a server requests a longer one.</summary>
    public TimeSpan MostDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest time without a byte.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The bytes that are read at once where images are read in sequence.</summary>
    public int PageBytes { get; init; } = 8 << 20;

    /// <summary>The number of pages in memory.</summary>
    public int Pages { get; init; } = StandardPages;

    /// <summary>The folder for copies of shards; <see langword="null"/> for none.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>Returns <see langword="true"/> for addresses of servers.</summary>
    public static bool IsAddress(string source) =>
        source.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
        || source.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the path in an address, without query and fragment.</summary>
    public static string PathOf(string address) => address.Split('?', '#')[0];

    /// <summary>Returns the address of another file in the folder of one, with the same query.</summary>
    public static string Beside(string address, string file)
    {
        string path = PathOf(address);
        return string.Concat(path.AsSpan(0, path.LastIndexOf('/') + 1), file, address.AsSpan(path.Length));
    }

    /// <summary>Sends a request for some bytes and returns the response once its headers are there.</summary>
    public static Task<HttpResponseMessage> GetAsync(Uri address, RangeHeaderValue? range, CancellationToken timeout)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Range = range;
        // Positions are those of the file, not of a compressed copy.
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        return s_client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout);
    }

    /// <summary>Returns the delay before an attempt: random, so that many readers do not return at the same moment.</summary>
    /// <param name="failures">The number of failures in a row, from 1.</param>
    /// <param name="requested">The delay that the server requests, if any.</param>
    public TimeSpan DelayAfter(int failures, TimeSpan? requested)
    {
        double most = Math.Min(FirstDelay.TotalSeconds * Math.Pow(2, failures - 1), MostDelay.TotalSeconds);
        // The jitter only spreads load, and no result depends on it.
#pragma warning disable CA5394
        double delay = most * (0.5 + (0.5 * Random.Shared.NextDouble()));
#pragma warning restore CA5394
        return TimeSpan.FromSeconds(Math.Max(delay, Math.Min(requested?.TotalSeconds ?? 0, MostDelay.TotalSeconds)));
    }

    private static int Setting(string variable, int standard, int most) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int value)
        && value >= 1
        && value <= most
            ? value
            : standard;

    private static HttpClient CreateClient()
    {
#pragma warning disable CA2000 // The client owns the handler, and lives as long as the process.
        var client = new HttpClient(
            new SocketsHttpHandler
            {
                ConnectTimeout = TimeSpan.FromSeconds(20),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            }
        )
        {
            // Each read has its own limit.
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
#pragma warning restore CA2000
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("lamina", "1"));
        return client;
    }
}
