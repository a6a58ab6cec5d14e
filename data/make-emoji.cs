// Makes data/emoji: folders of emoji drawings to train on, 7,570 RGB images of nine classes, split in two ways.
// Nothing of it is committed: the drawings have owners of their own (see data/README.md).
//
//   dotnet run data/make-emoji.cs [-- OUT_DIR]
//
// Needs npm, which fetches four packages (340 MB), and 100 MB in OUT_DIR (default: data/emoji). An interrupted run can be
// repeated: packages that were fetched are kept until both splits are complete, and a complete split is left as it is.
#:package SkiaSharp@3.119.4
#:package SkiaSharp.NativeAssets.Linux.NoDependencies@3.119.4
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
#:property EnforceCodeStyleInBuild=false
#:property ManagePackageVersionsCentrally=false

using System.ComponentModel;
using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SkiaSharp;

const string Version = "16.0.0";
const string TestVendor = "twitter";
string[] vendors = ["google", "facebook", "apple", TestVendor];

string target = args.Length > 0 ? args[0] : Path.Combine("data", "emoji");
string downloads = Path.Combine(target, "packages");
(string Name, Func<string, string, bool> IsTest)[] splits =
[
    ("by-emoji", (code, _) => IsTestEmoji(code)),
    ("by-vendor", (_, vendor) => vendor == TestVendor),
];
try
{
    (string Name, Func<string, string, bool> IsTest)[] missing =
    [
        .. splits.Where(s => !Directory.Exists(Path.Combine(target, s.Name))),
    ];
    if (missing.Length > 0)
    {
        Directory.CreateDirectory(downloads);
        Array.ForEach(vendors, Fetch);
        Dictionary<string, string> classes = ReadClasses();
        foreach ((string name, Func<string, string, bool> isTest) in missing)
        {
            Make(name, isTest, classes);
        }
    }
    if (Directory.Exists(downloads))
    {
        Directory.Delete(downloads, recursive: true);
    }
    foreach ((string name, _) in splits)
    {
        string folder = Path.Combine(target, name);
        Console.WriteLine(
            $"{folder}: {CountOf(folder, "train")} images to train on, {CountOf(folder, "test")} to test on"
        );
    }
    return 0;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
{
    Console.Error.WriteLine($"make-emoji: {e.Message}");
    return 1;
}

// A fifth of the emoji, always the same: their code points are hashed, so that no list has to be kept.
static bool IsTestEmoji(string code) => SHA256.HashData(Encoding.ASCII.GetBytes(code))[0] % 5 == 0;

static int CountOf(string folder, string part) =>
    Directory.GetFiles(Path.Combine(folder, part), "*.png", SearchOption.AllDirectories).Length;

string PackageOf(string vendor) => Path.Combine(downloads, $"{vendor}.tgz");

void Fetch(string vendor)
{
    if (File.Exists(PackageOf(vendor)))
    {
        return;
    }
    string package = $"emoji-datasource-{vendor}@{Version}";
    string temporary = Path.Combine(downloads, $"{vendor}.part");
    Directory.CreateDirectory(temporary);
    Console.WriteLine($"fetching {package}");
    Npm(package, temporary);
    string[] files = Directory.GetFiles(temporary, "*.tgz");
    if (files.Length != 1)
    {
        throw new IOException($"npm pack wrote {files.Length} files for {package} instead of one. Run again.");
    }
    File.Move(files[0], PackageOf(vendor));
    Directory.Delete(temporary, recursive: true);
}

static void Npm(string package, string folder)
{
    var start = new ProcessStartInfo("npm") { RedirectStandardOutput = true };
    Array.ForEach(["pack", package, "--silent", "--pack-destination", folder], start.ArgumentList.Add);
    Process? process;
    try
    {
        process = Process.Start(start);
    }
    catch (Win32Exception e)
    {
        throw new IOException($"npm cannot be started ({e.Message}). Install Node.js, which has it.", e);
    }
    using (process)
    {
        process!.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new IOException($"npm pack {package} ended with {process.ExitCode}. Is the npm registry reachable?");
        }
    }
}

// The class of each emoji by its image's name; skin tones, which the list has as parts of a person, are left out.
Dictionary<string, string> ReadClasses()
{
    JsonArray all = Entries(vendors[0])
        .Where(e => e.Name == "package/emoji.json")
        .Select(e => JsonNode.Parse(e.Content.ToArray())!.AsArray())
        .First();
    return all.Where(e => (string)e!["category"]! != "Component")
        .ToDictionary(e => (string)e!["image"]!, e => ClassName((string)e!["category"]!));
}

static string ClassName(string category) => Regex.Replace(category.ToLowerInvariant(), "[^a-z]+", "-");

// Under another name until it is whole.
void Make(string name, Func<string, string, bool> isTest, Dictionary<string, string> classes)
{
    string folder = Path.Combine(target, name);
    string temporary = folder + ".part";
    if (Directory.Exists(temporary))
    {
        Directory.Delete(temporary, recursive: true);
    }
    Console.WriteLine($"making {folder}");
    foreach (string vendor in vendors)
    {
        string images = $"package/img/{vendor}/64/";
        foreach ((string path, MemoryStream content) in Entries(vendor).Where(e => e.Name.StartsWith(images)))
        {
            string file = path[images.Length..];
            if (classes.TryGetValue(file, out string? group))
            {
                string code = Path.GetFileNameWithoutExtension(file);
                string part = isTest(code, vendor) ? "test" : "train";
                DirectoryInfo place = Directory.CreateDirectory(Path.Combine(temporary, part, group));
                LayOnWhite(content, Path.Combine(place.FullName, $"{code}-{vendor}.png"));
            }
        }
    }
    Directory.Move(temporary, folder);
}

IEnumerable<(string Name, MemoryStream Content)> Entries(string vendor)
{
    using var gzip = new GZipStream(File.OpenRead(PackageOf(vendor)), CompressionMode.Decompress);
    using var tar = new TarReader(gzip);
    while (tar.GetNextEntry() is { } entry)
    {
        if (entry.DataStream is { } data && (entry.Name.Contains("/64/") || entry.Name.EndsWith("/emoji.json")))
        {
            var content = new MemoryStream();
            data.CopyTo(content);
            content.Position = 0;
            yield return (entry.Name, content);
        }
    }
}

static void LayOnWhite(MemoryStream png, string file)
{
    using SKBitmap drawing =
        SKBitmap.Decode(png) ?? throw new InvalidDataException($"{Path.GetFileName(file)}: is not a readable PNG.");
    using var surface = SKSurface.Create(new SKImageInfo(drawing.Width, drawing.Height, SKColorType.Rgba8888));
    surface.Canvas.Clear(SKColors.White);
    surface.Canvas.DrawBitmap(drawing, 0, 0);
    using SKImage image = surface.Snapshot();
    using SKData encoded = image.Encode(SKEncodedImageFormat.Png, 100);
    using FileStream stream = File.Create(file);
    encoded.SaveTo(stream);
}
