using Lamina.Runs.Tests.Transfer;

namespace Lamina.Runs.Tests;

/// <summary>Proposing classes for images without labels.</summary>
public sealed class LabelTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _data;

    public LabelTests() => _data = _folder.WriteImages("data", perClass: 12);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Images_that_differ_are_in_folders_of_their_own()
    {
        LabelReport report = RunLabeler.Create(Options("sorted", classes: 2), cancellation: Token);
        Assert.Equal([("class-01", 12), ("class-02", 12)], report.Classes);
        // Each class has images of one true class, of which the folder is part of the path.
        foreach (IGrouping<string, ProposedLabel> found in report.Labels.GroupBy(l => l.Class))
        {
            Assert.Single(found.Select(l => Path.GetFileName(Path.GetDirectoryName(l.Image))).Distinct());
        }
        Assert.Equal(
            report.Labels.OrderBy(l => l.Certainty).Select(l => l.Certainty),
            report.Labels.Select(l => l.Certainty)
        );
        foreach (ProposedLabel label in report.Labels)
        {
            string link = Path.Combine(_folder["sorted"], label.Class, Path.GetFileName(label.Image));
            Assert.Equal(Path.GetFullPath(label.Image), new FileInfo(link).LinkTarget);
        }
        string[] table = File.ReadAllLines(Path.Combine(_folder["sorted"], "labels.csv"));
        Assert.Equal(("image,class,certainty", 25), (table[0], table.Length));
        // What was written is a folder to train on.
        Assert.Equal(
            24,
            ImageFolder.Open(_folder["sorted"], cancellation: TestContext.Current.CancellationToken).Count
        );
    }

    [Fact]
    public void The_number_of_classes_is_found_and_images_can_be_copied()
    {
        LabelReport report = RunLabeler.Create(
            Options("sorted", classes: null) with
            {
                Copy = true,
            },
            cancellation: Token
        );
        Assert.Equal(2, report.Classes.Count);
        Assert.All(
            Directory.GetFiles(_folder["sorted"], "*.png", SearchOption.AllDirectories),
            f => Assert.Null(new FileInfo(f).LinkTarget)
        );
    }

    [Fact]
    public void Images_of_one_name_are_all_kept()
    {
        foreach (string sub in (string[])["one", "two"])
        {
            Directory.CreateDirectory(_folder["twice/" + sub]);
            foreach (string file in Directory.GetFiles(_data, "*.png", SearchOption.AllDirectories))
            {
                string name = Path.GetFileName(Path.GetDirectoryName(file)) + Path.GetFileName(file);
                File.Copy(file, Path.Combine(_folder["twice/" + sub], name));
            }
        }
        LabelReport report = RunLabeler.Create(
            Options("sorted", classes: 2) with
            {
                Data = _folder["twice"],
            },
            cancellation: Token
        );
        Assert.Equal(48, report.Labels.Count);
        Assert.Equal(
            48,
            ImageFolder.Open(_folder["sorted"], cancellation: TestContext.Current.CancellationToken).Count
        );
    }

    [Fact]
    public void Mistakes_are_one_line_and_leave_nothing_behind()
    {
        Directory.CreateDirectory(_folder["there"]);
        Assert.StartsWith(_folder["there"] + ": exists already.", Error(Options("there", 2)), StringComparison.Ordinal);
        Assert.Contains("of which 25 classes cannot be made", Error(Options("a", 25)), StringComparison.Ordinal);
        LabelOptions options = Options("b", 2);
        Assert.Contains(
            "does not say how images are prepared",
            Error(options with { Weights = options.Weights with { Preprocessing = null } }),
            StringComparison.Ordinal
        );
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            RunLabeler.Create(Options("c", 2), cancellation: source.Token)
        );
        Assert.Empty(Directory.GetDirectories(_folder["."], "*.tmp"));
        Assert.All((string[])["a", "b", "c"], f => Assert.False(Path.Exists(_folder[f])));
    }

    private static string Error(LabelOptions options) =>
        Assert.Throws<LaminaException>(() => RunLabeler.Create(options, cancellation: Token)).Message;

    private LabelOptions Options(string output, int? classes) =>
        new()
        {
            Data = _data,
            Output = _folder[output],
            Weights = new StartingWeights(FeatureNetwork.Write(_folder["network.lamina"])) { Preprocessing = "raw" },
            Classes = classes,
        };

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
