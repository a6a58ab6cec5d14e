using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Lamina.Serving;

/// <summary>The addresses, keys and limits of a stand-alone server.</summary>
public sealed class ServerOptions
{
    /// <summary>The address that the server listens on. Default: loopback, which only this machine reaches.</summary>
    public IPAddress Address { get; set; } = IPAddress.Loopback;

    /// <summary>The port of REST and metrics; 0 for any free one. Default: 8000.</summary>
    public int Port { get; set; } = 8000;

    /// <summary>The port of gRPC; 0 for any free one, null for none. Default: 8001.</summary>
    public int? GrpcPort { get; set; } = 8001;

    /// <summary>The keys of which requests need one, except for health; empty for none. Default: none.</summary>
    public IReadOnlyList<string> ApiKeys { get; set; } = [];

    /// <summary>The JSON Web Tokens that let requests in as a key does; null for none. Default: null.</summary>
    public TokenOptions? Tokens { get; set; }

    /// <summary>The server's certificate with its private key; null for connections without TLS. Default: null.</summary>
    public X509Certificate2? Certificate { get; set; }

    /// <summary>The authorities of which a client's certificate must come; empty if clients need none. Default: none.</summary>
    public X509Certificate2Collection ClientAuthorities { get; set; } = [];

    /// <summary>The page at the root of the REST port; <see langword="null"/> for none. Default: on.</summary>
    public PageOptions? Page { get; set; } = new();

    /// <summary>The requests per second that one client may make on average; null for any number. Default: null.</summary>
    public int? RequestsPerSecond { get; set; }

    /// <summary>The number of connections that may be open. Default: 1,000.</summary>
    public int MaxConnections { get; set; } = 1000;

    /// <summary>The time that the server waits on shutdown for requests that have begun. Default: 30 seconds.</summary>
    public TimeSpan ShutdownLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// <see langword="true"/> to export traces and metrics by OpenTelemetry's protocol; its standard variables, such as
    /// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, say where. Default: <see langword="true"/> if that variable is set.
    /// </summary>
    public bool ExportTelemetry { get; set; } =
        !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"));

    /// <summary><see langword="true"/> to log JSON objects; <see langword="false"/> for lines of text. Default: false.</summary>
    public bool JsonLogs { get; set; }

    /// <summary>The least severe events of the server that are logged. Default: information.</summary>
    public LogLevel LogLevel { get; set; } = LogLevel.Information;

    /// <summary><see langword="true"/> to log every request. Default: false.</summary>
    public bool LogRequests { get; set; }
}
