// Trains the shipped images with each recipe and several seeds, and writes recipes.csv and the table of recipes.md.
// From the root of the repository, in some hours on two cores; a run that is in recipes.csv already is not repeated:
//   dotnet build -c Release src/Lamina.Cli
//   dotnet run docs/results/make-recipes.cs -- [SEED…]

#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
#:property EnforceCodeStyleInBuild=false
#:property ManagePackageVersionsCentrally=false

using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

const string Csv = "docs/results/recipes.csv";
const string Page = "docs/results/recipes.md";
const string Program = "src/Lamina.Cli/bin/Release/net10.0/alexnet";
const int Input = 72;
const int Epochs = 4;
int[] seeds = args.Length > 0 ? [.. args.Select(int.Parse)] : [1, 2, 3];

// The batch of 8,192 is more than the 5,000 images: an eighth of it leaves some updates.
(string Recipe, string[] Changes)[] runs =
[
    ("standard", []),
    ("tutorial", []),
    ("modern", []),
    ("paper", []),
    ("caffe", []),
    ("torchvision", []),
    ("d2l", []),
    ("lars", ["--batch", "1024"]),
];

if (!File.Exists(Csv))
{
    File.WriteAllText(Csv, "recipe,changes,seed,top1,top5,loss,seconds\n");
}
foreach (int seed in seeds)
{
    foreach ((string recipe, string[] changes) in runs)
    {
        string key = $"{recipe},{string.Join(' ', changes)},{seed},";
        if (File.ReadLines(Csv).Any(l => l.StartsWith(key, StringComparison.Ordinal)))
        {
            continue;
        }
        string folder = Path.Combine(Path.GetTempPath(), $"lamina-{recipe}-{seed}");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
        long start = Stopwatch.GetTimestamp();
        Run([
            "train",
            "--recipe",
            recipe,
            "--input",
            $"{Input}",
            "--epochs",
            $"{Epochs}",
            "--seed",
            $"{seed}",
            "--checkpoint-every",
            "never",
            "--output",
            folder,
            .. changes,
        ]);
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        JsonNode result = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "run.json")))!["result"]!;
        File.AppendAllText(
            Csv,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{key}{(double)result["top1"]!:F4},{(double)result["top5"]!:F4},{(double)result["loss"]!:F4},{time.TotalSeconds:F0}\n"
            )
        );
        Directory.Delete(folder, recursive: true);
    }
}

var table = new List<string>
{
    "| recipe | test accuracy, mean ± deviation | lowest–highest | top-5 | minutes a run |",
    "|---|---|---|---|---|",
};
string[][] rows = [.. File.ReadLines(Csv).Skip(1).Select(l => l.Split(','))];
foreach (
    var group in rows.GroupBy(r => (r[0] + " " + r[1]).Trim()).OrderByDescending(g => g.Average(r => Number(r[3])))
)
{
    double[] top1 = [.. group.Select(r => 100 * Number(r[3]))];
    double mean = top1.Average();
    double deviation = top1.Length > 1 ? Math.Sqrt(top1.Sum(t => (t - mean) * (t - mean)) / (top1.Length - 1)) : 0;
    table.Add(
        string.Create(
            CultureInfo.InvariantCulture,
            $"| {group.Key} | {mean:F1} ± {deviation:F1} % ({top1.Length} seeds) | {top1.Min():F1}–{top1.Max():F1} | {100 * group.Average(r => Number(r[4])):F1} % | {group.Average(r => Number(r[6])) / 60:F1} |"
        )
    );
}
string text = File.ReadAllText(Page);
const string Begin = "<!-- table -->\n";
const string End = "<!-- end -->";
int begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
int end = text.IndexOf(End, begin, StringComparison.Ordinal);
File.WriteAllText(Page, text[..begin] + string.Join('\n', table) + "\n" + text[end..]);

static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

static void Run(string[] args)
{
    Console.WriteLine($"alexnet {string.Join(' ', args)}");
    using Process process = Process.Start(new ProcessStartInfo(Program, args))!;
    process.WaitForExit();
    if (process.ExitCode != 0)
    {
        throw new InvalidOperationException($"alexnet ended with {process.ExitCode}.");
    }
}
