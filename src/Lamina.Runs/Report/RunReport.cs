using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Lamina.Runs.Text;

namespace Lamina.Runs.Report;

/// <summary>
/// Writes a run's report as a single self-contained HTML page, which is also well-formed XML. Names of users are inserted
/// as text, so no name can become markup.
/// </summary>
internal static class RunReport
{
    private const string Missing = "–";
    private const char NoBreakSpace = '\u00a0';

    /// <summary>Writes the page atomically.</summary>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Write(string path, ReportContent content) =>
        AtomicFile.Write(
            path,
            stream =>
            {
                var settings = new XmlWriterSettings
                {
                    Encoding = new UTF8Encoding(false),
                    OmitXmlDeclaration = true,
                    Indent = true,
                    NewLineChars = "\n",
                };
                using var writer = XmlWriter.Create(stream, settings);
                Page(content).Save(writer);
            }
        );

    private static XDocument Page(ReportContent content) =>
        new(
            new XDocumentType("html", null, null, null),
            new XElement(
                "html",
                new XAttribute("lang", "en"),
                new XElement(
                    "head",
                    new XElement("meta", new XAttribute("charset", "utf-8")),
                    new XElement(
                        "meta",
                        new XAttribute("name", "viewport"),
                        new XAttribute("content", "width=device-width, initial-scale=1")
                    ),
                    new XElement("title", Text(content.Title)),
                    new XElement("style", ReportStyle.Css)
                ),
                new XElement(
                    "body",
                    new XElement(
                        "main",
                        new XElement("h1", Text(content.Title)),
                        Headlines(content.Headlines),
                        Warning(content.Warning),
                        Facts(content.Facts),
                        content.Pictures.Select(Picture),
                        Classes(content.Classes),
                        Pairs(content.Pairs),
                        Mistakes(content.Mistakes),
                        History(content.History),
                        Summary(content.Summary)
                    )
                )
            )
        );

    private static XElement? Headlines(IReadOnlyList<ReportFact> facts) =>
        facts.Count == 0
            ? null
            : new XElement(
                "dl",
                Class("headlines"),
                facts.Select(f => new XElement(
                    "div",
                    new XElement("dt", Text(f.Name)),
                    new XElement("dd", Text(f.Value))
                ))
            );

    private static XElement? Warning(string? text) =>
        text is null ? null : new XElement("p", Class("warning"), Text(text));

    private static XElement? Pairs(IReadOnlyList<ReportPair> pairs) =>
        pairs.Count == 0
            ? null
            : Section(
                "Most confused pairs",
                new XElement(
                    "p",
                    Class("note"),
                    "The true class, the predicted class, and how many images of the true class were predicted so."
                ),
                new XElement("div", Class("pairs"), pairs.Select(Pair))
            );

    private static XElement Pair(ReportPair pair) =>
        new(
            "figure",
            pair.Examples.Count == 0 ? null : new XElement("div", pair.Examples.Select(e => Image(e.Png, e.Name))),
            new XElement(
                "figcaption",
                // Isolated, so that the arrow points the right way between right-to-left names.
                new XElement("b", new XElement("bdi", Text(pair.Truth)), " → ", new XElement("bdi", Text(pair.Said))),
                Text(Invariant($"{pair.Count} {(pair.Count == 1 ? "image" : "images")}, ")),
                Whole(Percent(pair.Share))
            )
        );

    private static XElement? Facts(IReadOnlyList<ReportFact> facts) =>
        facts.Count == 0
            ? null
            : Section(
                "Training setup",
                new XElement(
                    "table",
                    Class("facts"),
                    facts.Select(f => new XElement(
                        "tr",
                        new XElement("th", new XAttribute("scope", "row"), Text(f.Name)),
                        new XElement("td", Text(f.Value))
                    ))
                )
            );

    private static XElement Picture(ReportPicture picture) =>
        Section(
            picture.Title,
            new XElement("figure", Image(picture.Png, picture.Title), new XElement("figcaption", Text(picture.Caption)))
        );

    private static XElement? Classes(IReadOnlyList<ClassReport> classes) =>
        classes.Count == 0
            ? null
            : Section(
                "Classes",
                Table(
                    ["class", "precision", "recall", "F1", "images"],
                    classes.Select(c =>
                        (string[])[c.Name, Share(c.Precision), Share(c.Recall), Share(c.F1), Invariant($"{c.Images}")]
                    )
                ),
                new XElement(
                    "p",
                    Class("note"),
                    $"Precision: the fraction of images predicted as the class that belong to it. Recall: the fraction of its images that were predicted as it. {Missing}: no images to count."
                )
            );

    private static XElement? Mistakes(IReadOnlyList<ReportMistake> mistakes) =>
        mistakes.Count == 0
            ? null
            : Section(
                "Worst mistakes",
                new XElement(
                    "p",
                    Class("note"),
                    "The misclassified test images with the highest confidence: the true class, then the predicted class and its probability."
                ),
                new XElement(
                    "div",
                    Class("mistakes"),
                    mistakes.Select(m => new XElement(
                        "figure",
                        m.Png.IsEmpty ? null : Image(m.Png, m.Name),
                        new XElement(
                            "figcaption",
                            new XAttribute("title", Text(m.Name)),
                            new XElement("b", Text(m.Truth)),
                            new XElement(
                                "span",
                                "said ",
                                new XElement("bdi", Text(m.Said)),
                                ", ",
                                Whole(Percent(m.Probability))
                            )
                        )
                    ))
                )
            );

    private static XElement? History(IReadOnlyList<EpochLog> epochs)
    {
        if (epochs.Count == 0)
        {
            return null;
        }
        string[] keys = [.. epochs.SelectMany(e => e.Logs.Keys).Distinct()];
        return Section(
            "History",
            Table(
                ["epoch", .. keys.Select(k => k.Replace('_', ' ')), "time", "images/s"],
                epochs.Select(e =>
                    (string[])
                        [
                            Invariant($"{e.Epoch + 1}"),
                            .. keys.Select(k =>
                                e.Logs.TryGetValue(k, out double v) ? Invariant($"{v:0.0000}") : Missing
                            ),
                            Words.Clock(e.Elapsed),
                            Invariant($"{e.ImagesPerSecond:0}"),
                        ]
                )
            )
        );
    }

    private static XElement? Summary(string? summary) =>
        summary is null
            ? null
            : Section("Model", new XElement("div", Class("scroll"), new XElement("pre", Text(summary))));

    private static XElement Section(string title, params object[] content) =>
        new("section", new XElement("h2", Text(title)), content);

    /// <summary>Creates a table with row headers in the first column and numbers in the others.</summary>
    private static XElement Table(string[] head, IEnumerable<string[]> rows) =>
        new(
            "div",
            Class("scroll"),
            new XElement(
                "table",
                Class("numbers"),
                new XElement(
                    "thead",
                    new XElement("tr", head.Select(h => new XElement("th", new XAttribute("scope", "col"), Text(h))))
                ),
                new XElement(
                    "tbody",
                    rows.Select(row => new XElement(
                        "tr",
                        new XElement("th", new XAttribute("scope", "row"), Text(row[0])),
                        row.Skip(1).Select(cell => new XElement("td", Text(cell)))
                    ))
                )
            )
        );

    private static XElement Image(ReadOnlyMemory<byte> png, string alternative) =>
        new(
            "img",
            new XAttribute("src", $"data:image/png;base64,{Convert.ToBase64String(png.Span)}"),
            new XAttribute("alt", Text(alternative))
        );

    /// <summary>Creates a text without line breaks.</summary>
    private static XElement Whole(string text) => new("i", Class("whole"), Text(text));

    private static XAttribute Class(string name) => new("class", name);

    private static string Share(double? share) => share?.ToString("F3", CultureInfo.InvariantCulture) ?? Missing;

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    /// <summary>Returns the text without characters that XML cannot contain: control characters, lone surrogates.</summary>
    private static string Text(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                clean.Append(text, i++, 2);
            }
            else
            {
                clean.Append(XmlConvert.IsXmlChar(text[i]) ? text[i] : '\uFFFD');
            }
        }
        // A percent sign must not be separated from its number by a line break.
        return clean.Replace(" %", $"{NoBreakSpace}%").ToString();
    }

    private static string Percent(double share) => share.ToString("P1", CultureInfo.InvariantCulture);
}
