using Microsoft.Playwright;

namespace Lamina.Serving.Tests;

/// <summary>Chromium, which the tests of the page share; they skip themselves where there is none.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] s_places =
    [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
        "/usr/bin/microsoft-edge",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    private static string? Program =>
        Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } named
            ? named
            : Array.Find(s_places, File.Exists);

    public async ValueTask InitializeAsync()
    {
        if (Program is null)
        {
            return;
        }
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions
            {
                ExecutablePath = Program,
                // Containers have neither a sandbox for root nor a large /dev/shm, and tests have no camera of their own.
                Args =
                [
                    "--no-sandbox",
                    "--disable-dev-shm-usage",
                    "--use-fake-device-for-media-stream",
                    "--use-fake-ui-for-media-stream",
                ],
            }
        );
    }

    /// <summary>Opens an empty page.</summary>
    internal async Task<OpenPage> OpenAsync(Action<BrowserNewContextOptions>? configure = null)
    {
        Assert.SkipUnless(
            _browser is not null,
            "No Chromium found: install Debian's package chromium, or set CHROMIUM to the path of one."
        );
        var options = new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = 1100, Height = 900 },
            ReducedMotion = ReducedMotion.Reduce,
        };
        configure?.Invoke(options);
        IBrowserContext context = await _browser!.NewContextAsync(options);
        context.SetDefaultTimeout(30_000);
        return new OpenPage(context, await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }
        _playwright?.Dispose();
    }
}

/// <summary>A page of a browser, which notes what must not happen: console errors, exceptions, requests to other hosts.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private string _host = "";

    public OpenPage(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                Errors.Add(message.Text);
            }
        };
        page.PageError += (_, error) => Errors.Add(error);
        page.Request += (_, request) =>
        {
            var address = new Uri(request.Url);
            if (address.Scheme is not ("data" or "blob") && address.Authority != _host)
            {
                Elsewhere.Add(request.Url);
            }
        };
    }

    public IPage Page { get; }

    /// <summary>What the console and uncaught exceptions say.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>The requests to other hosts.</summary>
    public List<string> Elsewhere { get; } = [];

    public async Task GoAsync(Uri address)
    {
        _host = address.Authority;
        await Page.GotoAsync(address.AbsoluteUri);
    }

    /// <summary>Drops a file on the page.</summary>
    public Task DropAsync(byte[] file, string name = "picture.png", string type = "image/png") =>
        Page.EvaluateAsync(
            """
            ([bytes, name, type]) => {
              const data = new DataTransfer();
              data.items.add(new File([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))], name, { type }));
              const target = document.getElementById("drop");
              for (const event of ["dragenter", "dragover", "drop"]) {
                target.dispatchEvent(new DragEvent(event, { dataTransfer: data, bubbles: true, cancelable: true }));
              }
            }
            """,
            new[] { Convert.ToBase64String(file), name, type }
        );

    /// <summary>Pastes a file into the page.</summary>
    public Task PasteAsync(byte[] file) =>
        Page.EvaluateAsync(
            """
            bytes => {
              const data = new DataTransfer();
              data.items.add(new File([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))], "image.png", { type: "image/png" }));
              document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
            }
            """,
            Convert.ToBase64String(file)
        );

    /// <summary>Waits until a part of the page contains a text.</summary>
    public async Task ExpectAsync(string selector, string text)
    {
        try
        {
            await Assertions
                .Expect(Page.Locator(selector))
                .ToContainTextAsync(text, new LocatorAssertionsToContainTextOptions { Timeout = 30_000 });
        }
        catch (PlaywrightException e)
        {
            string? error = await Page.Locator("#error").TextContentAsync();
            Assert.Fail($"{e.Message}\nThe page says: {error}\nThe console says: {string.Join('\n', Errors)}");
        }
    }

    /// <summary>Requires that nothing went wrong, and that nothing was loaded from elsewhere.</summary>
    public void RequireClean()
    {
        Assert.Empty(Errors);
        Assert.Empty(Elsewhere);
    }

    /// <summary>Takes a picture of the whole page if the variable LAMINA_SCREENSHOTS names a folder.</summary>
    public async Task PhotographAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("LAMINA_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await Page.ScreenshotAsync(
                new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}.png"), FullPage = true }
            );
        }
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
