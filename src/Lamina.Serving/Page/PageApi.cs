using System.Globalization;
using Lamina.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lamina.Serving;

/// <summary>The page, and what it asks the server besides the protocol: the models' cards, and a look inside them.</summary>
internal sealed class PageApi(ModelRegistry registry, RestApi rest, BodyReader bodies, ServingOptions serving)
{
    private const int Neighbors = 6;

    /// <summary>Maps the addresses.</summary>
    public void Map(IEndpointRouteBuilder routes, PageOptions options)
    {
        string[] reading = [HttpMethods.Get, HttpMethods.Head];
        routes.MapMethods("/", reading, PageFiles.WriteIndexAsync);
        routes.MapMethods("/page/{file}", reading, PageFiles.WriteFileAsync);
        routes.MapGet("/page/models", rest.Guard(context => WriteModelsAsync(context, options)));
        routes.MapPost("/page/models/{model}/view", rest.Guard(WriteViewAsync));
        routes.MapPost(
            "/page/models/{model}/neighbors",
            rest.Guard(context =>
                options.ShowTrainingImages
                    ? WriteNeighborsAsync(context)
                    : throw new ServingException(ServingError.Unimplemented, "training images are not shown.")
            )
        );
    }

    private Task WriteModelsAsync(HttpContext context, PageOptions options) =>
        JsonObjects.WriteAsync(
            context.Response,
            StatusCodes.Status200OK,
            json =>
            {
                json.WriteStartObject();
                json.WriteNumber("maxRequestBytes", serving.MaxRequestBytes);
                json.WriteStartArray("models");
                foreach (ServedModel model in registry.Models.Values)
                {
                    PageJson.Write(json, model, options);
                }
                json.WriteEndArray();
                json.WriteEndObject();
            }
        );

    private Task WriteViewAsync(HttpContext context)
    {
        string text = context.Request.Query["class"].ToString();
        int? @class =
            text.Length == 0 ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index
            : throw ServingException.Invalid("the class must be the index of an output.");
        return LookAsync(context, (viewer, image) => viewer.View(image, @class), PageJson.Write);
    }

    private Task WriteNeighborsAsync(HttpContext context) =>
        LookAsync(
            context,
            (viewer, image) =>
                viewer.WhyNoNeighbors(context.RequestAborted) is { } reason
                    ? throw new ServingException(ServingError.Unimplemented, reason)
                    : viewer.Neighbors(image, Neighbors, context.RequestAborted),
            PageJson.Write
        );

    private async Task LookAsync<T>(
        HttpContext context,
        Func<NetworkViewer, NDArray, T> look,
        Action<System.Text.Json.Utf8JsonWriter, T> write
    )
    {
        var memory = new RequestMemory();
        ServedVersion version = registry.Lease((string)context.Request.RouteValues["model"]!, null);
        try
        {
            ViewWorker worker =
                version.Views
                ?? throw new ServingException(ServingError.Unimplemented, "this model cannot be looked into.");
            ReadOnlyMemory<byte> body = await bodies.ReadAsync(context, memory).ConfigureAwait(false);
            T seen = await worker
                .RunAsync(
                    viewer => look(viewer, version.Model.DecodeImage(body.Span, "the image", serving.MaxImagePixels)),
                    context.RequestAborted
                )
                .ConfigureAwait(false);
            await JsonObjects
                .WriteAsync(context.Response, StatusCodes.Status200OK, json => write(json, seen))
                .ConfigureAwait(false);
        }
        finally
        {
            memory.Release();
            version.Release();
        }
    }
}
