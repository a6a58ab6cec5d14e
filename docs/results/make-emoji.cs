// Trains on the emoji folders with the default recipe, with changes to it and with several seeds, and writes emoji.csv and the
// table of emoji.md. From the root of the repository, five to ten minutes a run on two cores; what is in emoji.csv is not repeated:
//   dotnet run data/make-emoji.cs
//   dotnet build -c Release src/Lamina.Cli
//   dotnet run docs/results/make-emoji.cs -- [--seeds 1,2,3] [--splits by-emoji,by-vendor] [--only TEXT]
// --only runs the rows whose names contain TEXT.
#:package SkiaSharp@3.119.4
#:package SkiaSharp.NativeAssets.Linux.NoDependencies@3.119.4
#:package System.Numerics.Tensors@10.0.0
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
#:property EnforceCodeStyleInBuild=false
#:property ManagePackageVersionsCentrally=false

using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using System.Text.Json.Nodes;
using SkiaSharp;

const string Csv = "docs/results/emoji.csv";
const string Page = "docs/results/emoji.md";
const string Data = "data/emoji";
const string Program = "src/Lamina.Cli/bin/Release/net10.0/alexnet";
const string Neighbors = "nearest neighbors";

string[] seeds = Option("--seeds", "1,2,3").Split(',');
string[] splits = Option("--splits", "by-emoji,by-vendor").Split(',');
string only = Option("--only", "");
if (!splits.All(s => Directory.Exists(Path.Combine(Data, s))))
{
    Console.Error.WriteLine(
        $"{Data}: lacks {string.Join(" or ", splits)}. Make them with: dotnet run data/make-emoji.cs"
    );
    return 1;
}
if (!File.Exists(Csv))
{
    File.WriteAllText(Csv, "split,row,seed,top1,loss,seconds\n");
}
foreach (string split in splits.Where(_ => Neighbors.Contains(only)))
{
    Once(split, Neighbors, "0", () => $"{NeighborAccuracy(Path.Combine(Data, split)):F4},,");
}
foreach (string seed in seeds)
{
    foreach ((string name, string recipe, Action<JsonObject> change) in Rows().Where(r => r.Name.Contains(only)))
    {
        foreach (string split in splits)
        {
            Once(split, name, seed, () => Train(split, name, recipe, change, seed));
        }
    }
}
WriteTable();
return 0;

static IEnumerable<(string Name, string Recipe, Action<JsonObject> Change)> Rows() =>
    [
        ("standard", "standard", _ => { }),
        ("tutorial, the walkthrough with SGD", "tutorial", _ => { }),
        ("modern at 64×64", "modern", r => r["input"] = 64),
        (
            "mirrored images alone",
            "standard",
            r => r["augmentation"] = JsonNode.Parse("""[{ "name": "random_flip" }]""")
        ),
        ("moving statistics", "standard", r => r["statistics_images"] = 0),
        ("half the images", "standard", r => r["images"] = (int)r["images"]! / 2),
        ("a third of the learning rate", "standard", r => Rate(r, 1 / 3.0)),
        ("three times the learning rate", "standard", r => Rate(r, 3)),
        ("no label smoothing", "standard", r => r["label_smoothing"] = 0),
        ("no cutmix", "standard", r => r["mixing"] = null),
        (
            "with mixup",
            "standard",
            r => r["mixing"] = JsonNode.Parse("""{ "cutmix": 1, "mixup": 0.4, "probability": 0.5 }""")
        ),
        ("at 64×64", "standard", r => r["input"] = 64),
        (
            "with random erasing",
            "standard",
            r =>
                r["augmentation"]!
                    .AsArray()
                    .Add(JsonNode.Parse("""{ "name": "random_erasing", "probability": 0.25 }"""))
        ),
        (
            "SGD",
            "standard",
            r => r["optimizer"] = JsonNode.Parse("""{ "name": "sgd", "learning_rate": 0.05, "momentum": 0.9 }""")
        ),
    ];

static void Rate(JsonObject recipe, double factor) =>
    recipe["optimizer"]!["learning_rate"] = (double)recipe["optimizer"]!["learning_rate"]! * factor;

void Once(string split, string name, string seed, Func<string> measure)
{
    string key = $"{split},{name},{seed},";
    if (!File.ReadLines(Csv).Any(l => l.StartsWith(key, StringComparison.Ordinal)))
    {
        Console.WriteLine($"{split}: {name}, seed {seed}");
        File.AppendAllText(Csv, $"{key}{measure()}\n");
    }
}

static string Train(string split, string name, string recipe, Action<JsonObject> change, string seed)
{
    JsonObject json = JsonNode.Parse(Run("recipes", recipe))!.AsObject();
    change(json);
    string work = Directory.CreateTempSubdirectory("lamina-emoji-").FullName;
    try
    {
        string file = Path.Combine(work, "recipe.json");
        File.WriteAllText(file, json.ToJsonString());
        string data = Path.Combine(Data, split);
        string output = Path.Combine(work, "run");
        long start = Stopwatch.GetTimestamp();
        Run(
            "train",
            Path.Combine(data, "train"),
            "--validation",
            Path.Combine(data, "test"),
            "--recipe",
            file,
            "--seed",
            seed,
            "--checkpoint-every",
            "never",
            "--output",
            output
        );
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        JsonNode result = JsonNode.Parse(File.ReadAllText(Path.Combine(output, "run.json")))!["result"]!;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(double)result["top1"]!:F4},{(double)result["loss"]!:F4},{time.TotalSeconds:F0}"
        );
    }
    finally
    {
        Directory.Delete(work, recursive: true);
    }
}

static string Run(params string[] args)
{
    var start = new ProcessStartInfo(Program, args) { RedirectStandardOutput = true };
    using Process process = Process.Start(start)!;
    string output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return process.ExitCode == 0
        ? output
        : throw new InvalidOperationException($"alexnet {string.Join(' ', args)} ended with {process.ExitCode}.");
}

// The class of the training image whose 32×32 RGB pixels are closest (Euclidean distance).
static double NeighborAccuracy(string folder)
{
    List<(string Class, float[] Pixels)> train = Load(Path.Combine(folder, "train"));
    List<(string Class, float[] Pixels)> test = Load(Path.Combine(folder, "test"));
    int right = 0;
    Parallel.ForEach(
        test,
        image =>
        {
            string nearest = train.MinBy(t => TensorPrimitives.Distance<float>(t.Pixels, image.Pixels)).Class;
            Interlocked.Add(ref right, nearest == image.Class ? 1 : 0);
        }
    );
    return (double)right / test.Count;
}

static List<(string Class, float[] Pixels)> Load(string folder) =>
    [
        .. Directory
            .GetFiles(folder, "*.png", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .AsParallel()
            .AsOrdered()
            .Select(Thumbnail),
    ];

static (string Class, float[] Pixels) Thumbnail(string file)
{
    const int side = 32;
    using SKBitmap image = SKBitmap.Decode(file, new SKImageInfo(64, 64, SKColorType.Rgba8888));
    var pixels = new float[side * side * 3];
    // The mean of each 2×2 pixels.
    for (int i = 0; i < pixels.Length; i++)
    {
        (int channel, int x, int y) = (i % 3, i / 3 % side * 2, i / 3 / side * 2);
        for (int corner = 0; corner < 4; corner++)
        {
            SKColor color = image.GetPixel(x + (corner & 1), y + (corner >> 1));
            pixels[i] +=
                channel switch
                {
                    0 => color.Red,
                    1 => color.Green,
                    _ => color.Blue,
                } / (4 * 255f);
        }
    }
    return (Path.GetFileName(Path.GetDirectoryName(file)!), pixels);
}

void WriteTable()
{
    string[][] rows = [.. File.ReadLines(Csv).Skip(1).Select(l => l.Split(','))];
    var lines = new List<string>
    {
        "| | by emoji, % | by vendor, % | seeds | minutes a run |",
        "|---|---|---|---|---|",
    };
    foreach (string name in Rows().Select(r => r.Name).Prepend(Neighbors))
    {
        string[][] found = [.. rows.Where(r => r[1] == name)];
        if (found.Length > 0)
        {
            string[] times = [.. found.Select(r => r[5]).Where(t => t.Length > 0)];
            string minutes =
                times.Length > 0 ? (times.Average(Number) / 60).ToString("F1", CultureInfo.InvariantCulture) : "–";
            lines.Add(
                $"| {name} | {Cell(found, "by-emoji")} | {Cell(found, "by-vendor")} | {found.Select(r => r[2]).Distinct().Count()} | {minutes} |"
            );
        }
    }
    const string begin = "<!-- table -->\n";
    string text = File.ReadAllText(Page);
    int from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
    int to = text.IndexOf("<!-- end -->", from, StringComparison.Ordinal);
    File.WriteAllText(Page, text[..from] + string.Join('\n', lines) + "\n" + text[to..]);
}

static string Cell(string[][] rows, string split)
{
    double[] top1 = [.. rows.Where(r => r[0] == split).Select(r => 100 * Number(r[3]))];
    if (top1.Length == 0)
    {
        return "–";
    }
    double mean = top1.Average();
    double deviation = top1.Length > 1 ? Math.Sqrt(top1.Sum(t => (t - mean) * (t - mean)) / (top1.Length - 1)) : 0;
    return top1.Length > 1
        ? string.Create(CultureInfo.InvariantCulture, $"{mean:F1} ± {deviation:F1}")
        : string.Create(CultureInfo.InvariantCulture, $"{mean:F1}");
}

static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

string Option(string name, string standard) =>
    Array.IndexOf(args, name) is var at && at >= 0 && at + 1 < args.Length ? args[at + 1] : standard;
