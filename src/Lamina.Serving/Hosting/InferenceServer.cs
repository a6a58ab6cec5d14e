using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Resources;

namespace Lamina.Serving;

/// <summary>
/// A server of its own: REST and metrics on one port, gRPC on another. It reads no configuration but what it is given, and
/// serves no files.
/// </summary>
public sealed class InferenceServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ServerOptions _options;

    private InferenceServer(WebApplication app, ServerOptions options) => (_app, _options) = (app, options);

    /// <summary>The address of REST, once the server has started.</summary>
    public Uri Address { get; private set; } = new("about:blank");

    /// <summary>The address of gRPC, once the server has started; null if there is none.</summary>
    public Uri? GrpcAddress { get; private set; }

    internal IServiceProvider Services => _app.Services;

    /// <summary>Creates a server, which then must be started.</summary>
    /// <param name="options">The addresses, keys and limits.</param>
    /// <param name="addModels">Adds the models.</param>
    /// <param name="configure">Changes limits and batching.</param>
    /// <exception cref="LaminaException">A model cannot be added.</exception>
    public static InferenceServer Create(
        ServerOptions options,
        Action<ServingBuilder> addModels,
        Action<ServingOptions>? configure = null
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(addModels);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, BlockPoolFactory>();
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options));
        AddLogging(builder.Logging, options);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownLimit);
        builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        if (options.RequestsPerSecond is { } rate)
        {
            builder.Services.AddRateLimiter(limiter => RequestLimits.Configure(limiter, rate));
        }
        if (options.Tokens is { } tokens)
        {
            Tokens.Add(builder.Services, tokens);
        }
        builder.Services.AddSingleton<RequestLog>();
        if (options.ExportTelemetry)
        {
            AddTelemetry(builder.Services);
        }
        addModels(
            builder.Services.AddLaminaServing(serving =>
            {
                configure?.Invoke(serving);
                serving.CallerWaitsForModels = true;
            })
        );
        WebApplication app = builder.Build();
        Map(app, options);
        return new InferenceServer(app, options);
    }

    /// <summary>Starts to listen, and to load the models.</summary>
    /// <exception cref="LaminaException">A port cannot be listened on.</exception>
    public async Task StartAsync(CancellationToken cancellation = default)
    {
        try
        {
            await _app.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            throw new LaminaException($"{e.Message.TrimEnd('.')}. Choose other ports, or end what uses them.", e);
        }
        string[] addresses =
        [
            .. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses,
        ];
        Address = new Uri(addresses[0]);
        GrpcAddress = addresses.Length > 1 ? new Uri(addresses[1]) : null;
    }

    /// <summary>Waits until all models are ready.</summary>
    /// <exception cref="LaminaException">A model cannot be loaded.</exception>
    public Task WaitUntilReadyAsync(CancellationToken cancellation = default) =>
        _app.Services.GetRequiredService<ModelLoading>().Loaded.WaitAsync(cancellation);

    /// <summary>Waits until the process is asked to end, and then for the requests that have begun.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellation = default) =>
        _app.WaitForShutdownAsync(cancellation);

    /// <summary>Stops listening, and waits for the requests that have begun, up to the options' limit.</summary>
    public async Task StopAsync()
    {
        using var limit = new CancellationTokenSource(_options.ShutdownLimit);
        await _app.StopAsync(limit.Token).ConfigureAwait(false);
    }

    /// <summary>Releases what the server holds.</summary>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void Listen(KestrelServerOptions kestrel, ServerOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
        Listen(options.Port, HttpProtocols.Http1AndHttp2);
        if (options.GrpcPort is { } port)
        {
            Listen(port, HttpProtocols.Http2);
        }

        void Listen(int number, HttpProtocols protocols) =>
            kestrel.Listen(
                options.Address,
                number,
                listen =>
                {
                    // Without TLS a connection cannot say which protocol it speaks.
                    listen.Protocols =
                        options.Certificate is null && protocols == HttpProtocols.Http1AndHttp2
                            ? HttpProtocols.Http1
                            : protocols;
                    if (options.Certificate is not null)
                    {
                        listen.UseHttps(https => ClientCertificates.Configure(https, options));
                    }
                }
            );
    }

    private static void AddLogging(ILoggingBuilder logging, ServerOptions options)
    {
        logging.SetMinimumLevel((LogLevel)Math.Max((int)LogLevel.Warning, (int)options.LogLevel));
        logging.AddFilter("Lamina.Serving", options.LogLevel);
        // A host that does not start throws, and who starts it says why.
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        if (options.JsonLogs)
        {
            logging.AddJsonConsole(console => console.UseUtcTimestamp = true);
        }
        else
        {
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "HH:mm:ss ";
            });
        }
        // The standard output is the command's.
        logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console =>
            console.LogToStandardErrorThreshold = LogLevel.Trace
        );
    }

    private static void AddTelemetry(IServiceCollection services) =>
        services
            .AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("lamina"))
            .WithTracing(tracing => tracing.AddSource("Microsoft.AspNetCore", ServingTelemetry.ActivitySourceName))
            .WithMetrics(metrics =>
                metrics.AddMeter(
                    "Microsoft.AspNetCore.Hosting",
                    "Microsoft.AspNetCore.Server.Kestrel",
                    "System.Runtime",
                    ServingTelemetry.MeterName
                )
            )
            .UseOtlpExporter();

    private static void Map(WebApplication app, ServerOptions options)
    {
        if (options.LogRequests)
        {
            RequestLog log = app.Services.GetRequiredService<RequestLog>();
            app.Use(next => context => log.InvokeAsync(context, next));
        }
        if (options.RequestsPerSecond is not null)
        {
            app.UseRateLimiter();
        }
        if (options.ApiKeys.Count > 0 || options.Tokens is not null)
        {
            var access = new AccessControl(options.ApiKeys, options.Tokens is not null);
            app.Use(next => context => access.InvokeAsync(context, next));
        }
        app.UseRouting();
        app.MapLaminaServing();
        if (options.Page is { } page)
        {
            app.MapLaminaPage(page);
        }
        app.MapFallback("{**path}", RestApi.NotFoundAsync);
    }
}
