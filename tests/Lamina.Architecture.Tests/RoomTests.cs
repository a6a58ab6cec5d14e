using System.Xml.Linq;

namespace Lamina.Architecture.Tests;

/// <summary>The arrows between projects and between folders: who may use whom.</summary>
public sealed class RoomTests
{
    private static readonly string[] s_below =
    [
        "Lamina",
        "Lamina.Formats",
        "Lamina.Data",
        "Lamina.Zoo",
        "Lamina.Torch",
        "Lamina.Quantization",
    ];

    /// <summary>The projects that each project may reference. Arrows run one way.</summary>
    private static readonly Dictionary<string, string[]> s_projects = new(StringComparer.Ordinal)
    {
        ["Lamina"] = [],
        ["Lamina.Hdf5"] = ["Lamina"],
        ["Lamina.Formats"] = ["Lamina", "Lamina.Hdf5"],
        ["Lamina.Data"] = ["Lamina"],
        ["Lamina.Zoo"] = ["Lamina"],
        ["Lamina.Distributed"] = ["Lamina"],
        ["Lamina.Pictures"] = ["Lamina"],
        ["Lamina.Torch"] = ["Lamina", "Lamina.Formats"],
        ["Lamina.Gpu"] = ["Lamina.Torch"],
        ["Lamina.Torch.Cpu"] = ["Lamina.Torch"],
        // The template, and the project in it, which uses packages.
        ["Lamina.Templates"] = [],
        ["LaminaClassifier"] = [],
        ["Lamina.Quantization"] = ["Lamina", "Lamina.Formats", "Lamina.Torch"],
        ["Lamina.Inspect"] = ["Lamina", "Lamina.Torch"],
        ["Lamina.Runs"] = [.. s_below, "Lamina.Inspect", "Lamina.Pictures"],
        ["Lamina.Serving"] = [.. s_below, "Lamina.Runs"],
        ["Lamina.Tuning"] =
        [
            "Lamina",
            "Lamina.Formats",
            "Lamina.Pictures",
            "Lamina.Runs",
            "Lamina.Torch",
            "Lamina.Zoo",
        ],
        ["Lamina.Cli"] = ["Lamina.Runs", "Lamina.Serving", "Lamina.Tuning", "Lamina.Distributed"],
    };

    /// <summary>The pairs of folders that use each other. Shorten the list where you can; it never grows past 15.</summary>
    private static readonly (string, string)[] s_pairs =
    [
        // A graph builds layers and reads their configs, and layers, ops and initializers are made of its shapes and symbols.
        ("Lamina/Graph", "Lamina/Initializers"),
        ("Lamina/Graph", "Lamina/Keras"),
        ("Lamina/Graph", "Lamina/Layers"),
        ("Lamina/Graph", "Lamina/Ops"),
        ("Lamina/Inspection", "Lamina/Inspection/Layout"),
        ("Lamina.Cli", "Lamina.Cli/Commands"),
        // Augmentations are read by name, and one of them needs the statistics of the images that it prepares.
        ("Lamina.Data/Preparation", "Lamina.Data/Preparation/Augmentations"),
        ("Lamina.Data/Preparation", "Lamina.Data/Statistics"),
        ("Lamina.Formats/Onnx/Import", "Lamina.Formats/Onnx/Import/Folding"),
        ("Lamina.Runs", "Lamina.Runs/Training"),
        // An algorithm is chosen among its subclasses.
        ("Lamina.Torch/Cpu/Convolution", "Lamina.Torch/Cpu/Winograd"),
        ("Lamina.Quantization", "Lamina.Quantization/Steps"),
        ("Lamina.Torch/Training", "Lamina.Torch/Training/Checkpoints"),
        // Statistics of a model are published as they are counted.
        ("Lamina.Serving/Contracts", "Lamina.Serving/Operations"),
    ];

    [Fact]
    public void Projects_reference_only_what_is_below_them()
    {
        foreach (
            string file in Directory.EnumerateFiles(
                Path.Combine(Sources.Root, "src"),
                "*.csproj",
                SearchOption.AllDirectories
            )
        )
        {
            string project = Path.GetFileNameWithoutExtension(file);
            Assert.True(s_projects.ContainsKey(project), $"{project}: say which projects it may reference.");
            string[] found =
            [
                .. XDocument
                    .Load(file)
                    .Descendants("ProjectReference")
                    .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/'))),
            ];
            Assert.True(
                !found.Except(s_projects[project]).Any(),
                $"{project} must not reference {string.Join(", ", found.Except(s_projects[project]))}."
            );
        }
    }

    [Fact]
    public void Folders_use_each_other_only_where_it_is_listed()
    {
        Assert.InRange(s_pairs.Length, 0, 15);
        IReadOnlyDictionary<(string From, string To), SortedSet<string>> arrows = Sources.Arrows(Sources.Files);
        Assert.True(arrows.Count > 50, "The sources were not found.");
        string[] wrong =
        [
            .. arrows
                .Where(a => arrows.ContainsKey((a.Key.To, a.Key.From)))
                .Where(a => string.CompareOrdinal(a.Key.From, a.Key.To) < 0)
                .Where(a => !s_pairs.Contains(a.Key))
                .Select(a =>
                    $"{a.Key.From} uses {string.Join(", ", a.Value)} of {a.Key.To}, "
                    + $"which uses {string.Join(", ", arrows[(a.Key.To, a.Key.From)])} of it."
                ),
        ];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("Lamina.Runs", "Lamina.Runs")]
    [InlineData("Lamina.Quantization", "Lamina")]
    [InlineData("Lamina.Hdf5", "Lamina")]
    public void Internals_are_in_the_namespace_of_their_folder(string project, string ofPublicTypes)
    {
        SourceFile[] files = [.. Sources.Files.Where(f => f.Folder.Split('/')[0] == project)];
        Assert.NotEmpty(files);
        Assert.All(files, f => Assert.Equal(f.IsPublic ? ofPublicTypes : f.Folder.Replace('/', '.'), f.Namespace));
    }

    [Fact]
    public void Arrows_are_found_by_names_of_types()
    {
        SourceFile[] files =
        [
            Sources.Parse("P/A", "namespace P;\n\npublic sealed class First\n{\n    Second s = new Second(1);\n}\n"),
            Sources.Parse("P/B", "namespace P;\n\n// First\ninternal record Second(int N);\n"),
            Sources.Parse("P/C", "namespace P;\n\ninternal enum Kind\n{\n    First,\n    Other = 1,\n}\n"),
            Sources.Parse("P/D", "namespace P;\n\nclass Last : First\n{\n    string s = \"Second\" + Second(2);\n}\n"),
            Sources.Parse(
                "P/E",
                "namespace P;\n\nclass Own\n{\n    public long First { get; init; }\n    long s = First + 1;\n}\n"
            ),
            Sources.Parse("P/F", "namespace P;\n\nclass Made\n{\n    object o = new() { First = 1 };\n}\n"),
            Sources.Parse("P/G", "namespace P;\n\nclass Kept\n{\n    public First First { get; }\n}\n"),
            Sources.Parse("Q/A", "namespace Q;\n\ninternal static class Far\n{\n    First f;\n}\n"),
        ];
        Assert.Equal(
            [("P/A", "P/B"), ("P/D", "P/A"), ("P/G", "P/A")],
            Sources.Arrows(files).Keys.OrderBy(k => k.From, StringComparer.Ordinal)
        );
        Assert.True(files[0].IsPublic && !files[1].IsPublic);
    }
}
