using System.Diagnostics;
using Lamina.Serving.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Lamina.Serving;

/// <summary>The REST form of the Open Inference Protocol.</summary>
internal sealed partial class RestApi(
    ModelRegistry registry,
    InferenceRunner runner,
    BodyReader bodies,
    ServerMetadata server,
    ModelControl control,
    ILogger<RestApi> logger
)
{
    // A client that went away is told nothing; the number is nginx's, for logs.
    private const int ClientClosedRequest = 499;

    /// <summary>Maps the addresses below <c>/v2</c>.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", context => JsonAsync(context, json => MetadataJson.WriteServer(json, server)));
        Health(routes, "/health/live", "live", _ => true);
        Health(routes, "/health/ready", "ready", _ => registry.IsReady);
        foreach (string model in (string[])["/models/{model}", "/models/{model}/versions/{version}"])
        {
            Health(
                routes,
                $"{model}/ready",
                "ready",
                context => registry.IsModelReady(ModelOf(context), VersionOf(context))
            );
            routes.MapGet(model, Guard(WriteModelAsync));
            routes.MapPost($"{model}/infer", Guard(InferAsync));
            routes.MapGet($"{model}/config", Guard(WriteConfigAsync));
            routes.MapGet($"{model}/stats", Guard(WriteStatisticsAsync));
        }
        routes.MapGet("/models/stats", Guard(WriteStatisticsAsync));
        routes.MapPost("/repository/index", Guard(WriteIndexAsync));
        routes.MapPost("/repository/models/{model}/load", Guard(LoadAsync));
        routes.MapPost("/repository/models/{model}/unload", Guard(UnloadAsync));
    }

    /// <summary>Answers whatever has no address, in the protocol's form.</summary>
    public static Task NotFoundAsync(HttpContext context) =>
        JsonObjects.WriteErrorAsync(
            context.Response,
            StatusCodes.Status404NotFound,
            "there is nothing at this address."
        );

    /// <summary>Wraps a handler so that its errors become the protocol's.</summary>
    public RequestDelegate Guard(RequestDelegate handler) =>
        async context =>
        {
            try
            {
                await handler(context).ConfigureAwait(false);
            }
            catch (Exception e) when (!context.Response.HasStarted)
            {
                await AnswerAsync(context, e).ConfigureAwait(false);
            }
        };

    private async Task AnswerAsync(HttpContext context, Exception exception)
    {
        switch (exception)
        {
            case ServingException e:
                if (e.Error == ServingError.Unavailable)
                {
                    context.Response.Headers.RetryAfter = "1";
                }
                if (e.Error == ServingError.Internal)
                {
                    LogFailed(context.Request.Path, e.InnerException ?? e);
                }
                await JsonObjects.WriteErrorAsync(context.Response, e.StatusCode, e.Message).ConfigureAwait(false);
                break;
            case BadHttpRequestException e:
                await JsonObjects.WriteErrorAsync(context.Response, e.StatusCode, e.Message).ConfigureAwait(false);
                break;
            case OperationCanceledException or IOException when context.RequestAborted.IsCancellationRequested:
                context.Response.StatusCode = ClientClosedRequest;
                break;
            case LaminaException e:
                await JsonObjects.WriteErrorAsync(context.Response, 400, e.Message).ConfigureAwait(false);
                break;
            default:
                LogFailed(context.Request.Path, exception);
                await JsonObjects
                    .WriteErrorAsync(context.Response, 500, "the server failed; its log says why.")
                    .ConfigureAwait(false);
                break;
        }
    }

    private async Task InferAsync(HttpContext context)
    {
        long arrived = Stopwatch.GetTimestamp();
        var memory = new RequestMemory();
        ServedVersion version = runner.Lease(ModelOf(context), VersionOf(context));
        try
        {
            int? jsonLength = RestHeaders.ReadJsonLength(context.Request);
            ReadOnlyMemory<byte> body = await bodies.ReadAsync(context, memory).ConfigureAwait(false);
            InferenceRequest request =
                jsonLength == 0
                    ? RawRequest.Read(version.Model, body)
                    : RestRequestReader.Read(body, jsonLength, memory);
            InferenceResult result = await runner
                .RunAsync(version, request, memory, arrived, context.RequestAborted)
                .ConfigureAwait(false);
            context.Response.Headers[RestHeaders.Timing] = RestHeaders.TimingOf(result.Times);
            await RestResponseWriter.WriteAsync(context.Response, result).ConfigureAwait(false);
        }
        finally
        {
            memory.Release();
            version.Release();
        }
    }

    private Task WriteModelAsync(HttpContext context)
    {
        ServedVersion version = registry.Find(ModelOf(context), VersionOf(context));
        IEnumerable<string> versions = registry.VersionsOf(version.ModelName);
        return JsonAsync(context, json => MetadataJson.WriteModel(json, version, versions));
    }

    private Task WriteConfigAsync(HttpContext context)
    {
        ModelConfig config = ModelConfiguration.Of(registry.Find(ModelOf(context), VersionOf(context)));
        return JsonAsync(context, json => MessageJson.Write(json, config));
    }

    private Task WriteStatisticsAsync(HttpContext context)
    {
        string? model = context.Request.RouteValues.ContainsKey("model") ? ModelOf(context) : null;
        ModelStatisticsResponse report = StatisticsReport.Of(registry.Loaded(model, VersionOf(context)));
        return JsonAsync(context, json => MessageJson.Write(json, report));
    }

    private async Task WriteIndexAsync(HttpContext context)
    {
        ControlRequest request = await ControlRequest.ReadAsync(context, bodies).ConfigureAwait(false);
        RepositoryIndexResponse index = control.Index(request.ReadyOnly);
        await JsonAsync(context, json => MessageJson.WriteArray(json, index.Models)).ConfigureAwait(false);
    }

    private async Task LoadAsync(HttpContext context)
    {
        ControlRequest request = await ControlRequest.ReadAsync(context, bodies).ConfigureAwait(false);
        await control.LoadAsync(ModelOf(context), request.Parameters).ConfigureAwait(false);
    }

    private Task UnloadAsync(HttpContext context) => control.UnloadAsync(ModelOf(context));

    /// <summary>
    /// Maps an address of health. Clients of Triton read the status code, those of KServe the body as well.
    /// </summary>
    private static void Health(
        IEndpointRouteBuilder routes,
        string path,
        string member,
        Func<HttpContext, bool> isTrue
    ) =>
        routes.MapGet(
            path,
            context =>
            {
                bool value = isTrue(context);
                return JsonObjects.WriteAsync(
                    context.Response,
                    value ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
                    json =>
                    {
                        json.WriteStartObject();
                        if (context.Request.RouteValues["model"] is string model)
                        {
                            json.WriteString("name", model);
                        }
                        json.WriteBoolean(member, value);
                        json.WriteEndObject();
                    }
                );
            }
        );

    private static Task JsonAsync(HttpContext context, Action<System.Text.Json.Utf8JsonWriter> write) =>
        JsonObjects.WriteAsync(context.Response, StatusCodes.Status200OK, write);

    private static string ModelOf(HttpContext context) => (string)context.Request.RouteValues["model"]!;

    private static string? VersionOf(HttpContext context) => (string?)context.Request.RouteValues["version"];

    [LoggerMessage(6, LogLevel.Error, "Request {Path} failed")]
    private partial void LogFailed(string path, Exception exception);
}
