using System.Globalization;
using System.Text.Json.Nodes;
using Lamina.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using SkiaSharp;
using static Lamina.Layers;

namespace Lamina.Serving.Tests;

/// <summary>The page that computes in the browser, held against the classifier that it was exported from.</summary>
public sealed class ExportedPageTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    private static readonly string[] s_classes = [.. Enumerable.Range(0, 10).Select(i => $"class number {i}")];
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("paper")]
    [InlineData("walkthrough")]
    [InlineData("gray")]
    [InlineData("blocks")]
    public async Task Probabilities_are_those_of_the_command(string name)
    {
        string path = Save(name);
        using var classifier = RunClassifier.Load(path);
        PageExport.Write(classifier, _folder["site"], name);
        await using WebApplication files = await ServeFilesAsync(_folder["site"]);
        await using OpenPage open = await browser.OpenAsync();
        await open.GoAsync(AddressOf(files));
        await open.ExpectAsync("#about", "10 classes");
        foreach (
            byte[] image in new[]
            {
                Noise(SKEncodedImageFormat.Png, 131, 97),
                Noise(SKEncodedImageFormat.Png, 60, 140),
                Noise(SKEncodedImageFormat.Jpeg, 120, 90),
            }
        )
        {
            IReadOnlyList<ClassScore> expected = classifier.Predict(image, "the image", 5);
            // Networks that say nothing would agree with anything.
            Assert.InRange(expected[0].Probability, 0.2f, 1);
            await open.DropAsync(image);
            await open.ExpectAsync("#status", "Done: " + expected[0].Class + ".");
            string[] values = await open.Page.EvaluateAsync<string[]>(
                "[...document.querySelectorAll('#bars .bar')].map(b => b.dataset.value)"
            );
            Assert.Equal(5, values.Length);
            for (int i = 0; i < 5; i++)
            {
                Assert.Equal(expected[i].Probability, float.Parse(values[i], CultureInfo.InvariantCulture), 1e-3f);
            }
        }
        await open.PhotographAsync($"exported-{name}");
        open.RequireClean();
    }

    [Fact]
    public async Task A_file_that_is_no_image_and_a_missing_network_are_told()
    {
        using var classifier = RunClassifier.Load(Save("gray"));
        PageExport.Write(classifier, _folder["site"], "gray");
        await using WebApplication files = await ServeFilesAsync(_folder["site"]);
        await using OpenPage open = await browser.OpenAsync();
        await open.GoAsync(AddressOf(files));
        await open.ExpectAsync("#about", "10 classes");
        await open.DropAsync("just some words"u8.ToArray(), "words.jpg", "image/jpeg");
        await open.ExpectAsync("#error", "This file cannot be read as an image.");
        File.Delete(Path.Combine(_folder["site"], "model", "weights-1.bin"));
        await open.Page.ReloadAsync();
        await open.ExpectAsync("#error", "model/weights-1.bin is missing");
    }

    [Fact]
    public async Task Opened_as_a_file_it_says_what_to_do()
    {
        using var classifier = RunClassifier.Load(Save("gray"));
        PageExport.Write(classifier, _folder["site"], "gray");
        await using OpenPage open = await browser.OpenAsync();
        await open.Page.GotoAsync($"file://{_folder["site"]}/index.html");
        await open.ExpectAsync("#opened", "the page was opened as a file");
        Assert.True(await open.Page.Locator("#opened").IsVisibleAsync());
    }

    [Fact]
    public void What_a_browser_cannot_compute_is_refused_and_leaves_nothing()
    {
        using IDisposable session = Session.BeginScope();
        Symbol input = Input(28, 28, 1);
        Symbol x = Dense(units: 4, activation: "gelu", name: "hidden")(Flatten()(input));
        using var classifier = RunClassifier.Load(
            Save(Model(input, Dense(units: 10, activation: "softmax")(x)), Gray(), "gelu")
        );
        var error = Assert.Throws<LaminaException>(() => PageExport.Write(classifier, _folder["site"], "gelu"));
        Assert.StartsWith(
            "hidden: the page cannot compute the activation Gelu",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(["gelu.lamina"], Directory.GetFileSystemEntries(_folder.Root).Select(Path.GetFileName));
    }

    [Fact]
    public void Folders_that_contain_something_are_left_alone()
    {
        using var classifier = RunClassifier.Load(Save("gray"));
        string taken = _folder["taken"];
        Directory.CreateDirectory(taken);
        Assert.Equal(17, PageExport.Write(classifier, taken, "gray").Files);
        string index = File.ReadAllText(Path.Combine(taken, "index.html"));
        var error = Assert.Throws<LaminaException>(() => PageExport.Write(classifier, taken, "gray"));
        Assert.Contains("is not empty", error.Message, StringComparison.Ordinal);
        Assert.Equal(index, File.ReadAllText(Path.Combine(taken, "index.html")));
        error = Assert.Throws<LaminaException>(() => PageExport.Write(classifier, classifier.Path, "gray"));
        Assert.Contains("is a file", error.Message, StringComparison.Ordinal);
    }

    private string Save(string name)
    {
        using IDisposable session = Session.BeginScope();
        return name switch
        {
            "paper" => Save(
                Zoo.Paper(10, 96),
                new Preprocessing
                {
                    Height = 96,
                    Width = 96,
                    ShortSide = 110,
                    ChannelOrder = ChannelOrder.Bgr,
                    MeanImage = new MeanImage(
                        110,
                        110,
                        3,
                        [.. Enumerable.Range(0, 110 * 110 * 3).Select(i => i % 97 / 200f)]
                    ),
                },
                name
            ),
            "walkthrough" => Save(
                Zoo.Walkthrough(10, 64),
                new Preprocessing
                {
                    Height = 64,
                    Width = 64,
                    Resize = ResizeMode.Stretch,
                    Interpolation = Interpolation.Bicubic,
                    Mean = [0.5, 0.4, 0.3],
                    Std = [0.2, 0.25, 0.3],
                },
                name
            ),
            "gray" => Save(Shades(), Gray(), name),
            _ => Save(
                Blocks(),
                new Preprocessing
                {
                    Height = 24,
                    Width = 32,
                    ShortSide = 36,
                },
                name
            ),
        };
    }

    private static Preprocessing Gray() =>
        new()
        {
            Height = 28,
            Width = 28,
            Channels = 1,
            ShortSide = 32,
            Resize = ResizeMode.StretchCrop,
            Interpolation = Interpolation.Lanczos,
        };

    private static Model Shades()
    {
        Symbol input = Input(28, 28, 1);
        Symbol x = Conv2D(filters: 6, kernelSize: 5, strides: 2, activation: "relu")(input);
        return Model(input, Dense(units: 10, activation: "softmax")(Flatten()(x)));
    }

    // Whatever the AlexNet family does without.
    private static Model Blocks()
    {
        Symbol input = Input(24, 32, 3);
        Symbol x = Conv2D(filters: 8, kernelSize: 3, padding: "same", activation: "elu")(input);
        Symbol a = Conv2D(filters: 8, kernelSize: 3, padding: "same", dilationRate: 2, activation: "silu")(x);
        Symbol b = AveragePooling2D(poolSize: 3, strides: 1, padding: "same")(x);
        x = Concatenate()([Add()([a, b]), Multiply()([a, x])]);
        x = MaxPool2D(poolSize: 3, strides: 2, padding: "same")(LeakyReLU()(x));
        x = Activation("tanh")(BatchNormalization()(x));
        x = Permute([2, 1, 3])(ZeroPadding2D((1, 2))(x));
        x = Flatten()(AdaptiveAveragePooling2D((5, 3))(Rescaling(3, -1)(x)));
        x = Dense(units: 12, activation: "sigmoid")(x);
        return Model(input, Dense(units: 10)(x));
    }

    /// <summary>Saves a network whose random weights are scaled so that its probabilities differ.</summary>
    private string Save(Model model, Preprocessing preprocessing, string name)
    {
        NDArray image = Images.Load(Noise(SKEncodedImageFormat.Png, 131, 97), preprocessing);
        float[] scores = model.PredictLogits(image, 1).Values.ToArray();
        float mean = scores.Average();
        float deviation = MathF.Sqrt(scores.Average(s => (s - mean) * (s - mean)));
        Weight kernel = model.Weights[^2];
        kernel.SetValues([.. kernel.GetValues().Select(v => v * 2 / deviation)]);
        var metadata = new JsonObject
        {
            ["classes"] = new JsonArray([.. s_classes.Select(c => (JsonNode)c)]),
            ["preprocessing"] = JsonNode.Parse(preprocessing.ToJson()),
            ["data"] = null,
            ["training"] = new JsonObject(),
        };
        string path = _folder[$"{name}.lamina"];
        ModelFile.Save(model, path, new SaveOptions { Metadata = metadata });
        return path;
    }

    // PNG with transparent pixels, whose colors count as they are stored.
    private static byte[] Noise(SKEncodedImageFormat format, int width, int height)
    {
        var random = new Random(5);
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                byte alpha = format == SKEncodedImageFormat.Png ? (byte)(x * 255 / width) : byte.MaxValue;
                bitmap.SetPixel(
                    x,
                    y,
                    new SKColor((byte)(x * 200 / width), (byte)random.Next(256), (byte)(y * 255 / height), alpha)
                );
            }
        }
        using SKData data = bitmap.Encode(format, 90);
        return data.ToArray();
    }

    private static async Task<WebApplication> ServeFilesAsync(string folder)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.UseFileServer(
            new FileServerOptions
            {
                FileProvider = new PhysicalFileProvider(folder),
                StaticFileOptions = { ServeUnknownFileTypes = true },
            }
        );
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static Uri AddressOf(WebApplication app) =>
        new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
}
