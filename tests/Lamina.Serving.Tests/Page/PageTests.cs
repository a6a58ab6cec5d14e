using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Lamina.Serving.Tests;

/// <summary>The page in Chromium, as people use it.</summary>
public sealed class PageTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly byte[] _green = PageModels.Picture(20, 230, 40);
    private readonly byte[] _red = PageModels.Picture(240, 30, 20);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_dropped_image_is_classified_explained_and_timed()
    {
        await using TestServer server = await StartAsync();
        await using OpenPage open = await browser.OpenAsync();
        await open.GoAsync(server.Address);
        await open.DropAsync(_green);
        await open.ExpectAsync("#status", "Done: green: a color.");
        ILocator bars = open.Page.Locator("#bars li");
        Assert.Equal(5, await bars.CountAsync());
        double expected = Expected(_green)[1];
        Assert.Contains(
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{100 * expected:F1} %"),
            await bars.First.InnerTextAsync(),
            StringComparison.Ordinal
        );
        await open.ExpectAsync("#overlay-note", "speak most for green: a color");
        await open.ExpectAsync("#timing", "Network");
        await open.ExpectAsync("#layers", "conv1");
        Assert.Equal(0, await open.Page.Locator("#bars b").CountAsync());
        await open.ExpectAsync("#classes ul", "<b>blue</b>");
        await open.PhotographAsync("small");
        open.RequireClean();
    }

    [Fact]
    public async Task The_heat_is_where_the_color_is()
    {
        await using TestServer server = await StartAsync();
        await using OpenPage open = await browser.OpenAsync();
        await open.GoAsync(server.Address);
        await open.DropAsync(_red);
        await open.ExpectAsync("#overlay-note", "speak most for red");
        // The corner is gray, and the center red: red ink is strongest in the center.
        int[] pixels = await open.Page.EvaluateAsync<int[]>(
            """
            () => {
              const canvas = document.getElementById("picture");
              const at = (x, y) => canvas.getContext("2d").getImageData(x * canvas.width, y * canvas.height, 1, 1).data;
              return [at(0.02, 0.02)[2], at(0.7, 0.7)[2], at(0.7, 0.7)[0]];
            }
            """
        );
        Assert.True(pixels[2] > 200 && pixels[1] < 80, $"center: red {pixels[2]}, blue {pixels[1]}");
        Assert.True(pixels[0] > pixels[1], $"corner: blue {pixels[0]}");
    }

    [Fact]
    public async Task Another_class_can_be_explained()
    {
        await using TestServer server = await StartAsync();
        await using OpenPage open = await browser.OpenAsync();
        await open.GoAsync(server.Address);
        await open.DropAsync(_green);
        await open.ExpectAsync("#overlay-note", "green");
        await open.Page.Locator("#bars button", new PageLocatorOptions { HasText = "blue" }).ClickAsync();
        await open.ExpectAsync("#overlay-note", "speak most for <b>blue</b>");
        Assert.Equal(1, await open.Page.Locator("#bars button[aria-pressed=true]").CountAsync());
        open.RequireClean();
    }

    [Fact]
    public async Task A_pasted_image_replaces_the_first()
    {
        await using TestServer server = await StartAsync();
        await using OpenPage open = await browser.OpenAsync();
        await open.GoAsync(server.Address);
        await open.PasteAsync(_green);
        await open.ExpectAsync("#status", "Done: green: a color.");
        await open.PasteAsync(_red);
        await open.ExpectAsync("#status", "Done: red.");
        open.RequireClean();
    }

    [Fact]
    public async Task Everything_works_by_keyboard()
    {
        await using TestServer server = await StartAsync();
        await using OpenPage open = await browser.OpenAsync();
        await open.GoAsync(server.Address);
        await open.ExpectAsync("#about", "6 classes");
        await TabToAsync(open, "choose");
        string file = _folder["red.png"];
        await File.WriteAllBytesAsync(file, _red, TestContext.Current.CancellationToken);
        IFileChooser chooser = await open.Page.RunAndWaitForFileChooserAsync(() =>
            open.Page.Keyboard.PressAsync("Enter")
        );
        await chooser.SetFilesAsync(file);
        await open.ExpectAsync("#overlay-note", "speak most for red");
        await TabToAsync(open, "strength");
        await open.Page.Keyboard.PressAsync("End");
        Assert.Equal("100", await open.Page.Locator("#strength").InputValueAsync());
        await open.Page.Keyboard.PressAsync("Tab");
        await open.Page.Keyboard.PressAsync("Tab");
        await open.Page.Keyboard.PressAsync("Enter");
        Assert.Equal("true", await open.Page.Locator("#bars li:nth-child(2) button").GetAttributeAsync("aria-pressed"));
        await TabToAsync(open, "curl", "value");
        await open.Page.Keyboard.PressAsync("ArrowRight");
        await open.ExpectAsync("#snippet", "urllib.request");
        open.RequireClean();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task A_phone_shows_all_of_it_and_axe_finds_nothing(ColorScheme scheme)
    {
        await using TestServer server = await StartAsync();
        foreach (int width in new[] { 360, 1100 })
        {
            await using OpenPage open = await browser.OpenAsync(options =>
            {
                options.ColorScheme = scheme;
                options.ViewportSize = new ViewportSize { Width = width, Height = 740 };
                options.HasTouch = width == 360;
            });
            await open.GoAsync(server.Address);
            await open.ExpectAsync("#about", "6 classes");
            await RequireAccessibleAsync(open);
            await open.DropAsync(_green);
            await open.ExpectAsync("#overlay-note", "speak most for");
            await open.Page.Locator("#classes summary").ClickAsync();
            int wide = await open.Page.EvaluateAsync<int>("document.documentElement.scrollWidth");
            Assert.True(wide <= width, $"The page is {wide} pixels wide on a screen of {width}.");
            await RequireAccessibleAsync(open);
            int[] paper = await open.Page.EvaluateAsync<int[]>(
                "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
            );
            Assert.Equal(scheme == ColorScheme.Dark, paper[0] < 60);
            await open.PhotographAsync($"{width}-{scheme}");
            open.RequireClean();
        }
    }

    [Fact]
    public async Task A_photo_is_taken_with_the_camera()
    {
        await using TestServer server = await StartAsync();
        await using OpenPage open = await browser.OpenAsync();
        await open.GoAsync(server.Address);
        await open.ExpectAsync("#about", "6 classes");
        await open.Page.Locator("#photograph").ClickAsync();
        // Not by WaitForFunction, which the page's policy forbids.
        for (
            int i = 0;
            i < 300 && await open.Page.EvaluateAsync<int>("document.getElementById('video').videoWidth") == 0;
            i++
        )
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        await open.Page.Locator("#shoot").ClickAsync();
        // The false camera shows green.
        await open.ExpectAsync("#status", "Done: green");
        Assert.False(await open.Page.Locator("#camera").IsVisibleAsync());
        open.RequireClean();
    }

    [Fact]
    public async Task One_of_several_models_is_chosen()
    {
        string path = PageModels.Write(_folder);
        await using TestServer server = await TestServer.StartAsync(models =>
        {
            models.AddRun(path, "first");
            models.AddModel("tensors", () => new FakeModel { Inputs = [new TensorSpec("x", Shape.Of(2, 2))] });
        });
        await using OpenPage open = await browser.OpenAsync();
        await open.GoAsync(server.Address);
        await open.DropAsync(_green);
        await open.ExpectAsync("#status", "Done: green: a color.");
        await open.Page.Locator("#model").SelectOptionAsync("tensors");
        // This model cannot read the picture, and says so.
        await open.ExpectAsync("#error", "This file cannot be used.");
        await open.ExpectAsync("#overlay-note", "");
        await open.Page.Locator("#model").SelectOptionAsync("first");
        await open.ExpectAsync("#status", "Done: green: a color.");
        Assert.All(open.Errors, e => Assert.Contains("400", e, StringComparison.Ordinal));
    }

    private static async Task RequireAccessibleAsync(OpenPage open)
    {
        AxeResult result = await open.Page.RunAxe();
        Assert.True(
            result.Violations.Length == 0,
            string.Join(
                '\n',
                result.Violations.Select(v => $"{v.Id}: {v.Help}: {string.Join(" | ", v.Nodes.Select(n => n.Html))}")
            )
        );
    }

    private static async Task TabToAsync(OpenPage open, string value, string property = "id")
    {
        for (int i = 0; i < 40; i++)
        {
            await open.Page.Keyboard.PressAsync("Tab");
            if (await open.Page.EvaluateAsync<string>($"document.activeElement.{property} ?? ''") == value)
            {
                return;
            }
        }
        Assert.Fail($"The keyboard does not reach {value}.");
    }

    private float[] Expected(byte[] image) =>
        Runs
            .RunClassifier.Load(PageModels.Write(_folder, "expected"))
            .Probabilities(Images.Load(image, PageModels.Preprocessing), 1)
            .Values.ToArray();

    private Task<TestServer> StartAsync()
    {
        string path = PageModels.Write(_folder);
        return TestServer.StartAsync(models => models.AddRun(path));
    }
}
