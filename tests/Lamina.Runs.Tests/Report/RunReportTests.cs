using System.Globalization;
using System.Xml.Linq;
using Lamina.Runs.Report;
using Lamina.Runs.Results;
using Lamina.Runs.Text;
using SkiaSharp;

namespace Lamina.Runs.Tests.Report;

/// <summary>The report of a run: whole, true, of itself alone, and proof against names that look like markup.</summary>
public sealed class RunReportTests(TrainedRun trained) : IClassFixture<TrainedRun>
{
    private const string Hostile = "<i>&\"'</i><script>alert(1)</script>";

    [Fact]
    public void The_page_has_the_runs_numbers()
    {
        XDocument page = Load(Path.Combine(trained.Run, "report.html"));
        using var classifier = RunClassifier.Load(trained.Run);
        Evaluation test = classifier.Evaluate(cancellation: TestContext.Current.CancellationToken);
        Dictionary<string, string> headlines = page.Descendants("dl")
            .Single()
            .Elements("div")
            .ToDictionary(d => d.Element("dt")!.Value, d => d.Element("dd")!.Value.Replace('\u00a0', ' '));
        double top1 = test.Top1;
        Assert.Equal(Words.Percent(top1), headlines["top-1 accuracy"]);
        Assert.Equal(Words.Percent(1 - top1), headlines["top-1 error"]);
        Assert.Equal("0.00 %", headlines["top-5 error"]);
        Assert.Equal("2", headlines["epochs"]);

        string[][] classes = Rows(page, "Classes");
        Assert.Equal(["dark", "light"], classes.Select(c => c[0]));
        Assert.Equal(
            ClassReport.Of(test.Classes, test.Confusion).Select(c => $"{c.Images}"),
            classes.Select(c => c[4])
        );
        string[][] epochs = Rows(page, "History");
        Assert.Equal(2, epochs.Length);
        string[] last = File.ReadAllLines(Path.Combine(trained.Run, "history.csv"))[^1].Split(',');
        Assert.Equal(double.Parse(last[1], CultureInfo.InvariantCulture).ToString("0.0000"), epochs[1][1]);

        Assert.Contains("alexnet train ", Section(page, "Training setup").Value, StringComparison.Ordinal);
        Assert.Contains("--epochs 2", Section(page, "Training setup").Value, StringComparison.Ordinal);
        Assert.Contains("(None, 48, 48, 3)", Section(page, "Model").Value, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_run_does_not_have_has_no_row()
    {
        XElement facts = Section(Load(Path.Combine(trained.Run, "report.html")), "Training setup");
        Assert.DoesNotContain(facts.Descendants("th"), th => th.Value == "transfer");
        Assert.DoesNotContain(facts.Descendants("td"), td => td.Value == "–");
    }

    [Fact]
    public void Confused_pairs_have_counts_and_images()
    {
        using var folder = new TempFolder();
        string picture = Path.Combine(folder.WriteImages("data", perClass: 1), "dark", "0.png");
        var image = new ReportThumbnail(File.ReadAllBytes(picture), "0.png");
        RunReport.Write(
            folder["report.html"],
            new ReportContent
            {
                Title = "x",
                Warning = "below",
                Pairs = [new("cat", Hostile, 12, 0.125, [image, image]), new("dog", "cat", 1, 1, [])],
            }
        );
        XDocument page = Load(folder["report.html"]);
        XElement section = Section(page, "Most confused pairs");
        Assert.Equal([$"cat → {Hostile}", "dog → cat"], section.Descendants("b").Select(b => b.Value));
        Assert.Equal(
            ["12 images, 12.5\u00a0%", "1 image, 100.0\u00a0%"],
            section.Descendants("figcaption").Select(f => string.Concat(f.Nodes().Skip(1).Select(Value)))
        );
        Assert.Equal(2, section.Descendants("img").Count());
        Assert.Equal("below", page.Descendants("p").Single(p => p.Attribute("class")?.Value == "warning").Value);
        XDocument real = Load(Path.Combine(trained.Run, "report.html"));
        Assert.Single(Section(real, "Training images").Descendants("img"));
    }

    [Fact]
    public void Pictures_are_in_the_page_and_nothing_is_fetched()
    {
        string path = Path.Combine(trained.Run, "report.html");
        XDocument page = Load(path);
        // A picture's letters may spell anything.
        string[] text = File.ReadAllText(path).Split("data:image/png;base64,");
        Assert.All(
            text.Select((part, i) => i == 0 ? part : part[part.IndexOf('"', StringComparison.Ordinal)..]),
            part => Assert.DoesNotContain("http", part, StringComparison.OrdinalIgnoreCase)
        );
        Assert.DoesNotContain(page.Descendants(), e => e.Name.LocalName is "script" or "link" or "iframe");
        XElement[] images = [.. page.Descendants("img")];
        Assert.True(images.Length >= 4);
        foreach (XElement image in images)
        {
            string source = image.Attribute("src")!.Value;
            Assert.StartsWith("data:image/png;base64,", source, StringComparison.Ordinal);
            using var bitmap = SKBitmap.Decode(Convert.FromBase64String(source["data:image/png;base64,".Length..]));
            Assert.NotNull(bitmap);
        }
    }

    [Fact]
    public void Names_that_look_like_markup_are_text()
    {
        using var folder = new TempFolder();
        RunReport.Write(
            folder["report.html"],
            new ReportContent
            {
                Title = Hostile,
                Headlines = [new(Hostile, Hostile)],
                Facts = [new("data", "a\u0001b\ud800"), new("", "")],
                Classes = [new ClassReport(Hostile, 0, null, null), new ClassReport("🐱", 3, 0.5, 1)],
                Mistakes = [new ReportMistake(ReadOnlyMemory<byte>.Empty, Hostile, Hostile, "x", 0.987)],
            }
        );
        string text = File.ReadAllText(folder["report.html"]);
        Assert.StartsWith("<!DOCTYPE html", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<i>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", text, StringComparison.Ordinal);
        XDocument page = Load(folder["report.html"]);
        Assert.Equal(Hostile, page.Descendants("h1").Single().Value);
        Assert.Equal("a\uFFFDb\uFFFD", Section(page, "Training setup").Descendants("td").First().Value);
        Assert.Equal(
            [
                [Hostile, "–", "–", "–", "0"],
                ["🐱", "0.500", "1.000", "0.667", "3"],
            ],
            Rows(page, "Classes")
        );
        XElement said = Section(page, "Worst mistakes").Descendants("span").Single();
        Assert.Equal("said x, 98.7\u00a0%", said.Value);
        // The number and its sign stay together on a line.
        Assert.Equal(
            ("whole", "98.7\u00a0%"),
            (said.Element("i")!.Attribute("class")!.Value, said.Element("i")!.Value)
        );
        Assert.Matches(@"\.whole \{[^}]*white-space: nowrap", ReportStyle.Css);
        // HTML would take a tag closed in itself for one that is open.
        Assert.DoesNotMatch("<(td|th|b|span|dd|div|figure|script|style|title)[^>]*/>", text);
    }

    [Fact]
    public void The_style_means_the_same_as_HTML_and_as_XML() =>
        Assert.DoesNotContain(ReportStyle.Css, c => c is '<' or '>' or '&');

    [Fact]
    public void The_surest_mistakes_are_kept_and_of_equals_the_first()
    {
        var worst = new WorstMistakes(3);
        foreach (
            (int image, double p) in ((int, double)[])[(0, 0.5), (1, 0.9), (2, 0.7), (3, 0.7), (4, 0.6), (5, 0.95)]
        )
        {
            worst.Add(new TestPrediction(image, 0, 1, p));
        }
        Assert.Equal([5, 1, 2], worst.ToList().Select(m => m.Image));
    }

    [Fact]
    public void Mistakes_name_their_images_though_others_could_not_be_read()
    {
        using var folder = new TempFolder();
        string data = folder.WriteImages("data", perClass: 6);
        File.WriteAllText(Path.Combine(data, "dark", "0a.jpg"), "no image");
        LabeledImages images = ImageFolder.Open(data, cancellation: TestContext.Current.CancellationToken);
        (Model model, RunInfo info) = RunInfo.Load(trained.Run);
        using var quiet = new CancellationTokenSource();
        var loader = new DataLoader(images, info.Preprocessing, new DataLoaderOptions { BatchSize = 5 });
        // Every image is said to be light, so that the mistakes are the dark ones.
        Weight bias = model.Weights[^1];
        bias.SetValues([-1e6f, 1e6f]);
        Evaluation result = Evaluation.Run(model, loader, quiet.Token);
        Assert.Equal(6, result.WorstMistakes.Count);
        Assert.All(
            result.WorstMistakes,
            m =>
            {
                Assert.Equal((0, 1, 1.0), (m.Truth, m.Predicted, m.Probability));
                Assert.Contains(Path.Combine("data", "dark"), images.NameOf(m.Image), StringComparison.Ordinal);
                Assert.DoesNotContain("0a.jpg", images.NameOf(m.Image), StringComparison.Ordinal);
                Assert.NotNull(Thumbnail.TryPng(images, m.Image, 8));
            }
        );
        Assert.Null(
            Thumbnail.TryPng(
                images,
                Enumerable
                    .Range(0, images.Count)
                    .Single(i => images.NameOf(i).EndsWith("0a.jpg", StringComparison.Ordinal)),
                8
            )
        );
    }

    private static string Value(XNode node) => node is XElement element ? element.Value : ((XText)node).Value;

    private static XDocument Load(string path) => XDocument.Load(path);

    private static XElement Section(XDocument page, string title) =>
        page.Descendants("section").Single(s => s.Element("h2")!.Value == title);

    private static string[][] Rows(XDocument page, string title) =>
        [
            .. Section(page, title)
                .Descendants("tbody")
                .Single()
                .Elements("tr")
                .Select(r => r.Elements().Select(c => c.Value).ToArray()),
        ];
}
