using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Lamina.Serving;

/// <summary>The files of the page, which are part of this library. They contain nothing about models.</summary>
internal static class PageFiles
{
    private const string Index = "index.html";

    // Scripts, styles and connections from this server alone; pictures also from memory.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly FrozenDictionary<string, byte[]> s_files = PageResources
        .Read("page/")
        .ToFrozenDictionary(f => f.Name, f => f.Bytes, StringComparer.Ordinal);

    /// <summary>The names of the files.</summary>
    public static IEnumerable<string> Names => s_files.Keys;

    /// <summary>Returns <see langword="true"/> if a path is that of the page or one of its files.</summary>
    public static bool AreAt(PathString path) =>
        path == "/"
        || (
            path.StartsWithSegments("/page", StringComparison.Ordinal, out PathString rest)
            && rest.Value is { Length: > 1 } name
            && s_files.ContainsKey(name[1..])
        );

    /// <summary>Returns a file.</summary>
    public static ReadOnlyMemory<byte> Get(string name) => s_files[name];

    /// <summary>Writes the page.</summary>
    public static Task WriteIndexAsync(HttpContext context)
    {
        // Addresses on the page are relative to it, so that it works below any prefix.
        if (!(context.Request.PathBase + context.Request.Path).Value!.EndsWith('/'))
        {
            context.Response.Redirect($"{context.Request.PathBase}{context.Request.Path}/");
            return Task.CompletedTask;
        }
        return WriteAsync(context, Index);
    }

    /// <summary>Writes the file that the route names.</summary>
    public static Task WriteFileAsync(HttpContext context) =>
        context.Request.RouteValues["file"] is string name && s_files.ContainsKey(name)
            ? WriteAsync(context, name)
            : RestApi.NotFoundAsync(context);

    private static async Task WriteAsync(HttpContext context, string name)
    {
        byte[] file = s_files[name];
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        // A new version of the server has new files.
        headers.CacheControl = "no-cache";
        context.Response.ContentType = TypeOf(name);
        context.Response.ContentLength = file.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(file, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static string TypeOf(string name) =>
        Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".svg" => "image/svg+xml",
            _ => "text/javascript; charset=utf-8",
        };
}
