using System.Globalization;
using Lamina;

namespace Guides;

/// <summary>What a guide runs with: where it prints, where it draws, and how long it trains.</summary>
/// <param name="output">The console.</param>
/// <param name="folder">The folder of the pictures and models.</param>
/// <param name="quick">True for a few steps on a few images, as in the tests.</param>
internal sealed class GuideRun(TextWriter output, string folder, bool quick)
{
    /// <summary>The console.</summary>
    public TextWriter Output => output;

    /// <summary>The verbosity of Fit: it prints to the console, which tests do not.</summary>
    public int Verbose => quick ? 0 : 1;

    /// <summary>The numbers that the guide reports, by name.</summary>
    public Dictionary<string, double> Results { get; } = [];

    /// <summary>Returns a count of epochs, steps or samples, or less of it for a quick run.</summary>
    public int Count(int full, int quickly) => quick ? quickly : full;

    /// <summary>Prints a line.</summary>
    public void Say(string line) => output.WriteLine(line);

    /// <summary>Prints a number, and keeps it.</summary>
    public void Report(string name, double value)
    {
        Results[name] = value;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {value:0.0000}"));
    }

    /// <summary>Returns the path of a file of this guide.</summary>
    public string File(string name)
    {
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, name);
    }

    /// <summary>Returns the images, (count, 28, 28, 1) from 0 to 1, and labels of Fashion-MNIST for training.</summary>
    public (NDArray X, NDArray Y) TrainingImages(int quickly = 256) => Images("train", Count(5000, quickly));

    /// <summary>Returns those for testing.</summary>
    public (NDArray X, NDArray Y) TestImages(int quickly = 64) => Images("t10k", Count(1000, quickly));

    /// <summary>The names of the classes.</summary>
    public static IReadOnlyList<string> ClassNames => Open("train").ClassNames;

    /// <summary>Draws images from 0 to 1 as a sheet.</summary>
    public void Draw(string name, NDArray images)
    {
        (int height, int width, int channels) = (
            images.Shape[1]!.Value,
            images.Shape[2]!.Value,
            images.Shape[3]!.Value
        );
        PredictionTile[] tiles =
        [
            .. Enumerable
                .Range(0, images.Count)
                .Select(i => new PredictionTile(Bytes(images[i..(i + 1)]), height, width, channels, null, [])),
        ];
        RunPictures.ImageSheet(File(name), tiles);
        output.WriteLine($"drew {File(name)}");
    }

    /// <summary>Returns normally distributed numbers.</summary>
    public static NDArray Normal(RandomStream random, params ReadOnlySpan<int> shape)
    {
        var array = new NDArray(Shape.Of(shape));
        foreach (ref float value in array.Values)
        {
            value = (float)random.NextNormal();
        }
        return array;
    }

    /// <summary>Returns evenly distributed numbers from 0 to 1.</summary>
    public static NDArray Uniform(RandomStream random, params ReadOnlySpan<int> shape)
    {
        var array = new NDArray(Shape.Of(shape));
        foreach (ref float value in array.Values)
        {
            value = random.NextSingle();
        }
        return array;
    }

    /// <summary>Returns an array with the same number everywhere.</summary>
    public static NDArray Full(float value, params ReadOnlySpan<int> shape)
    {
        var array = new NDArray(Shape.Of(shape));
        array.Values.Fill(value);
        return array;
    }

    /// <summary>Returns the loss of the first and the last epoch.</summary>
    public void ReportLosses(History history, string name = "loss")
    {
        Report($"first {name}", history.Epochs[0].Logs[name]);
        Report($"last {name}", history.Epochs[^1].Logs[name]);
    }

    private static (NDArray X, NDArray Y) Images(string part, int count)
    {
        (NDArray x, NDArray y) = Open(part).ToArrays(1 / 255.0);
        return (x[..count], y[..count]);
    }

    private static IdxDataset Open(string part) =>
        IdxDataset.OpenFolder(Path.Combine(AppContext.BaseDirectory, "data", "fashion-mnist"), part);

    private static byte[] Bytes(NDArray image) =>
        [.. image.Values.ToArray().Select(v => (byte)Math.Clamp(Math.Round(255 * v), 0, 255))];
}
