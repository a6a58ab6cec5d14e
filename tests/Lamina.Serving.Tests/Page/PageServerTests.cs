using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using SkiaSharp;

namespace Lamina.Serving.Tests;

/// <summary>What the server answers at the addresses of the page.</summary>
public sealed class PageServerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly byte[] _red = PageModels.Picture(240, 30, 20);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_page_is_small_strict_and_names_no_other_host()
    {
        await using TestServer server = await StartAsync();
        long size = 0;
        foreach (string name in PageFiles.Names)
        {
            Reply reply = await server.Get(name == "index.html" ? "/" : $"/page/{name}");
            Assert.Equal(HttpStatusCode.OK, reply.Status);
            Assert.StartsWith(
                "default-src 'none'; script-src 'self';",
                reply.Response.Headers.GetValues("Content-Security-Policy").Single(),
                StringComparison.Ordinal
            );
            Assert.Equal("nosniff", reply.Response.Headers.GetValues("X-Content-Type-Options").Single());
            string text = System.Text.Encoding.UTF8.GetString(reply.Body).Replace("http://www.w3.org/2000/svg", "");
            Assert.DoesNotContain("://", text, StringComparison.Ordinal);
            size += reply.Body.Length;
        }
        Assert.InRange(size, 10_000, 60_000);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Get("/page/..%2Fweb.config")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Get("/page/none.js")).Status);
    }

    [Fact]
    public async Task Without_the_page_its_addresses_do_not_exist()
    {
        await using TestServer server = await StartAsync(new ServerOptions { Page = null });
        foreach (string path in new[] { "/", "/page/app.js", "/page/models" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await server.Get(path)).Status);
        }
        Assert.Equal(HttpStatusCode.OK, (await server.Get("/v2")).Status);
    }

    [Fact]
    public async Task Keys_protect_all_but_the_page_itself()
    {
        await using TestServer server = await StartAsync(new ServerOptions { ApiKeys = ["k"] });
        Assert.Equal(HttpStatusCode.OK, (await server.Get("/")).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.Get("/page/app.js")).Status);
        foreach (string path in new[] { "/page/models", "/page/none.js", "/page/", "/page" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await server.Get(path)).Status);
        }
        Assert.Equal(HttpStatusCode.Unauthorized, (await ViewAsync(server, _red)).Status);
    }

    [Fact]
    public async Task A_rate_limit_does_not_break_the_page()
    {
        await using TestServer server = await StartAsync(new ServerOptions { RequestsPerSecond = 1 });
        foreach (string name in PageFiles.Names.Where(n => n != "index.html"))
        {
            Assert.Equal(HttpStatusCode.OK, (await server.Get($"/page/{name}")).Status);
        }
        HttpStatusCode[] models =
        [
            .. await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => (await server.Get("/page/models")).Status)),
        ];
        Assert.Contains(HttpStatusCode.TooManyRequests, models);
    }

    [Fact]
    public async Task A_card_tells_the_facts_and_no_paths()
    {
        await using TestServer server = await StartAsync();
        Reply reply = await server.Get("/page/models");
        var model = reply.Json["models"]![0]!;
        Assert.Equal("colors", (string)model["name"]!);
        Assert.Equal(PageModels.Classes, model["labels"]!.AsArray().Select(l => (string)l!));
        Assert.Equal(210, (int)model["card"]!["parameters"]!);
        Assert.Equal("float32", (string)model["card"]!["precision"]!);
        Assert.True((bool)model["probabilities"]!);
        Assert.False((bool)model["neighbors"]!);
        Assert.DoesNotContain(_folder.Root, reply.Json.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_view_has_the_input_the_heat_and_the_layers()
    {
        await using TestServer server = await StartAsync();
        Reply reply = await ViewAsync(server, _red);
        Assert.Equal("red", (string)reply.Json["explained"]!);
        using SKBitmap input = Decode((string)reply.Json["input"]!);
        Assert.Equal((PageModels.Side, PageModels.Side), (input.Width, input.Height));
        SKColor center = input.GetPixel(20, 20);
        Assert.Equal((240, 30, 20), (center.Red, center.Green, center.Blue));
        using SKBitmap heat = Decode((string)reply.Json["heat"]!);
        Assert.Equal(byte.MaxValue, heat.GetPixel(20, 20).Red);
        Assert.InRange(heat.GetPixel(1, 1).Red, 0, 140);
        Assert.Equal(["conv1", "pool1"], reply.Json["layers"]!.AsArray().Select(l => (string)l!["layer"]!));
        Assert.Equal("<b>blue</b>", (string)(await ViewAsync(server, _red, "?class=2")).Json["explained"]!);
    }

    [Theory]
    [InlineData("/page/models/colors/view?class=99", 400, "there is no class 99")]
    [InlineData("/page/models/colors/view?class=-1", 400, "the class must be the index")]
    [InlineData("/page/models/other/view", 404, "unknown model 'other'")]
    [InlineData("/page/models/colors/neighbors", 501, "training images are not shown")]
    public async Task What_cannot_be_seen_is_one_line(string path, int status, string says)
    {
        await using TestServer server = await StartAsync();
        Reply reply = await server.Send(HttpMethod.Post, path, new ByteArrayContent(_red));
        Assert.Equal(status, (int)reply.Status);
        Assert.Contains(says, reply.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Views_refuse_damaged_images_and_models_that_have_none()
    {
        await using TestServer server = await StartAsync();
        Reply damaged = await ViewAsync(server, _red[..50]);
        Assert.Equal(HttpStatusCode.BadRequest, damaged.Status);
        Assert.Contains("the image", damaged.Error, StringComparison.Ordinal);
        await using TestServer fake = await TestServer.StartAsync(new FakeModel());
        Reply none = await fake.Send(HttpMethod.Post, "/page/models/m/view", new ByteArrayContent("1234"u8.ToArray()));
        Assert.Equal(HttpStatusCode.NotImplemented, none.Status);
    }

    [Fact]
    public async Task Training_images_of_a_model_that_is_no_run_are_unknown()
    {
        await using TestServer server = await StartAsync(
            new ServerOptions { Page = new PageOptions { ShowTrainingImages = true } }
        );
        Reply reply = await server.Send(HttpMethod.Post, "/page/models/colors/neighbors", new ByteArrayContent(_red));
        Assert.Equal(HttpStatusCode.NotImplemented, reply.Status);
        Assert.Equal("The network is not from a run, so its training images are unknown.", reply.Error);
    }

    [Fact]
    public async Task A_model_is_replaced_and_removed_while_it_is_looked_at()
    {
        await using TestServer server = await StartAsync();
        Task<Reply>[] views = [.. Enumerable.Range(0, 4).Select(_ => ViewAsync(server, _red))];
        await server.Registry.LoadAsync("colors");
        Assert.All(await Task.WhenAll(views), r => Assert.Equal(HttpStatusCode.OK, r.Status));
        Assert.Equal("red", (string)(await ViewAsync(server, _red)).Json["explained"]!);
        await server.Registry.UnloadAsync("colors");
        Assert.Equal(HttpStatusCode.NotFound, (await ViewAsync(server, _red)).Status);
    }

    [Fact]
    public async Task Inference_tells_what_took_how_long()
    {
        await using TestServer server = await StartAsync();
        var content = new ByteArrayContent(_red);
        content.Headers.Add("Inference-Header-Content-Length", "0");
        Reply reply = await server.Send(HttpMethod.Post, "/v2/models/colors/infer", content);
        Assert.Matches(
            @"^prepare;dur=[\d.]+, queue;dur=[\d.]+, compute;dur=[\d.]+$",
            reply.Response.Headers.GetValues("Server-Timing").Single()
        );
    }

    [Fact]
    public async Task A_host_maps_the_page_where_it_likes_or_not_at_all()
    {
        string path = PageModels.Write(_folder);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddLaminaServing().AddRun(path);
        await using WebApplication app = builder.Build();
        app.UseRouting();
        var group = app.MapGroup("/ai");
        group.MapLaminaServing();
        group.MapLaminaPage();
        await app.StartAsync(TestContext.Current.CancellationToken);
        string root = app
            .Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!
            .Addresses.First();
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using HttpResponseMessage moved = await http.GetAsync($"{root}/ai", TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.Redirect, "/ai/"), (moved.StatusCode, moved.Headers.Location?.OriginalString));
        foreach (
            (string at, int status) in new[] { ("/ai/", 200), ("/ai/page/app.js", 200), ("/ai/v2", 200), ("/", 404) }
        )
        {
            using HttpResponseMessage response = await http.GetAsync(root + at, TestContext.Current.CancellationToken);
            Assert.Equal(status, (int)response.StatusCode);
        }
    }

    private static SKBitmap Decode(string base64) => SKBitmap.Decode(Convert.FromBase64String(base64));

    private static Task<Reply> ViewAsync(TestServer server, byte[] image, string query = "") =>
        server.Send(HttpMethod.Post, $"/page/models/colors/view{query}", new ByteArrayContent(image));

    private Task<TestServer> StartAsync(ServerOptions? options = null)
    {
        string path = PageModels.Write(_folder);
        return TestServer.StartAsync(models => models.AddRun(path), options: options);
    }
}
