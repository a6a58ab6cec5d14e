using System.Diagnostics;
using System.Text;
using static Lamina.Layers;

namespace Lamina.Serving.Tests;

/// <summary>What the page says when something is wrong, and what it does without some facts.</summary>
public sealed class PageErrorTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    private static readonly byte[] s_four = "1234"u8.ToArray();
    private readonly TempFolder _folder = new();
    private readonly byte[] _red = PageModels.Picture(240, 30, 20);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Damaged_empty_and_large_files_are_refused_in_plain_words()
    {
        string path = PageModels.Write(_folder);
        await using TestServer server = await TestServer.StartAsync(
            models => models.AddRun(path),
            options => options.MaxRequestBytes = 1 << 20
        );
        await using OpenPage open = await browser.OpenAsync();
        await open.GoAsync(server.Address);
        await open.DropAsync(_red[..^40]);
        await open.ExpectAsync("#error", "This file cannot be used. Choose a JPEG, PNG or WebP image.");
        await open.ExpectAsync("#error .detail", "truncated");
        await open.DropAsync("just some words"u8.ToArray(), "words.jpg", "image/jpeg");
        await open.ExpectAsync("#error .detail", "is not an image that can be read");
        Assert.False(await open.Page.Locator("#picture").IsVisibleAsync());
        await open.DropAsync([]);
        await open.ExpectAsync("#error", "This file is empty.");
        await open.DropAsync(new byte[2 << 20]);
        await open.ExpectAsync("#error", "larger than the 1 MiB");
        await open.Page.EvaluateAsync(
            """
            () => {
              const data = new DataTransfer();
              data.setData("text/uri-list", "https://example.com/cat.jpg");
              document.getElementById("drop").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
            }
            """
        );
        await open.ExpectAsync("#error", "this page loads nothing from elsewhere");
        // After all this an image is still welcome.
        await open.DropAsync(_red);
        await open.ExpectAsync("#status", "Done: red.");
        Assert.False(await open.Page.Locator("#error").IsVisibleAsync());
        Assert.Empty(open.Elsewhere);
    }

    [Fact]
    public async Task A_busy_server_and_one_that_is_gone_are_told_apart()
    {
        var model = new FakeModel();
        TestServer server = await TestServer.StartAsync(
            model,
            options => options.Batching = new BatchingOptions { QueueLimit = 1 }
        );
        await using OpenPage open = await browser.OpenAsync();
        await open.GoAsync(server.Address);
        model.Gate.Reset();
        Task<Reply> computed = SendAsync(server);
        Assert.True(SpinWait.SpinUntil(() => model.IsComputing, 10_000));
        // One of two fills the queue while the model is held up; the other is refused.
        Task<Reply>[] waiting = [computed, SendAsync(server), SendAsync(server)];
        await Task.WhenAny(waiting[1..]);
        await open.DropAsync(s_four);
        await open.ExpectAsync("#error", "The server is busy or shutting down.");
        model.Gate.Set();
        await Task.WhenAll(waiting);
        await open.Page.Locator("#error button").ClickAsync();
        // 1 + 2 + 3 + 4 is the score of the second class; this model has no probabilities.
        await open.ExpectAsync("#bars li:first-child", "10.00");
        await server.DisposeAsync();
        await open.DropAsync(s_four);
        await open.ExpectAsync("#error", "The server does not answer.");
    }

    [Fact]
    public async Task A_key_is_asked_for_and_kept_for_the_tab()
    {
        string path = PageModels.Write(_folder);
        await using TestServer server = await TestServer.StartAsync(
            models => models.AddRun(path),
            options: new ServerOptions { ApiKeys = ["s3cret"] }
        );
        await using OpenPage open = await browser.OpenAsync();
        await open.GoAsync(server.Address);
        await open.ExpectAsync("#key-form", "This server asks for a key.");
        await open.Page.Keyboard.TypeAsync("wrong");
        await open.Page.Keyboard.PressAsync("Enter");
        await open.ExpectAsync("#error", "does not know the one you gave");
        await open.Page.Keyboard.TypeAsync("s3cret");
        await open.Page.Keyboard.PressAsync("Enter");
        await open.ExpectAsync("#about", "6 classes");
        await open.DropAsync(_red);
        await open.ExpectAsync("#overlay-note", "speak most for red");
        await open.ExpectAsync("#snippet", "X-API-Key: KEY");
        Assert.False(await open.Page.Locator("#key-form").IsVisibleAsync());
        await open.Page.ReloadAsync();
        await open.ExpectAsync("#about", "6 classes");
        Assert.DoesNotContain("s3cret", await open.Page.ContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_without_preprocessing_shows_how_to_send_tensors()
    {
        await using TestServer server = await TestServer.StartAsync(InferenceModel.Create(Network()));
        await using OpenPage open = await browser.OpenAsync();
        await open.GoAsync(server.Address);
        await open.ExpectAsync("#status", "accepts tensors only");
        Assert.False(await open.Page.Locator("#choose").IsVisibleAsync());
        await open.Page.GetByLabel("Python").CheckAsync();
        await RequireRunsAsync("python3", await SnippetAsync(open));
        open.RequireClean();
    }

    [Fact]
    public async Task A_model_without_class_names_shows_their_numbers()
    {
        await using TestServer server = await TestServer.StartAsync(
            InferenceModel.Create(Network(), labels: null, PageModels.Preprocessing)
        );
        await using OpenPage open = await browser.OpenAsync();
        await open.GoAsync(server.Address);
        await open.DropAsync(_red);
        await open.ExpectAsync("#bars li:first-child", "class ");
        await open.ExpectAsync("#overlay-note", "Grad-CAM");
        Assert.False(await open.Page.Locator("#classes").IsVisibleAsync());
        open.RequireClean();
    }

    [Theory]
    [InlineData("curl", "bash")]
    [InlineData("Python", "python3")]
    public async Task The_code_on_the_page_runs(string language, string program)
    {
        string path = PageModels.Write(_folder);
        await using TestServer server = await TestServer.StartAsync(models => models.AddRun(path));
        await using OpenPage open = await browser.OpenAsync();
        await open.GoAsync(server.Address);
        await open.Page.GetByLabel(language).CheckAsync();
        string output = await RequireRunsAsync(program, await SnippetAsync(open));
        Assert.StartsWith("0.9", output[(output.LastIndexOf('[') + 1)..], StringComparison.Ordinal);
    }

    private static Task<string> SnippetAsync(OpenPage open) => open.Page.Locator("#snippet").InnerTextAsync();

    private async Task<string> RequireRunsAsync(string program, string code)
    {
        Assert.SkipUnless(
            File.Exists($"/usr/bin/{program}") && (program != "bash" || File.Exists("/usr/bin/curl")),
            $"{program} or curl is not installed."
        );
        await File.WriteAllBytesAsync(_folder["image.jpg"], _red, TestContext.Current.CancellationToken);
        using Process process = Process.Start(
            new ProcessStartInfo($"/usr/bin/{program}", ["-c", code])
            {
                WorkingDirectory = _folder.Root,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, errors);
        return output;
    }

    private static Task<Reply> SendAsync(TestServer server)
    {
        var content = new ByteArrayContent(
            Encoding.UTF8.GetBytes("""{"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP32","data":[1,2,3,4]}]}""")
        );
        return server.Send(HttpMethod.Post, "/v2/models/m/infer", content);
    }

    private static Model Network()
    {
        using IDisposable session = Session.BeginScope();
        Symbol input = Input(PageModels.Side, PageModels.Side, 3);
        Symbol x = Conv2D(filters: 4, kernelSize: 3, strides: 4, activation: "relu")(input);
        return Model(input, Dense(units: 3, activation: "softmax")(Flatten()(x)));
    }
}
