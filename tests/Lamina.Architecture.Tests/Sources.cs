using System.Text.RegularExpressions;

namespace Lamina.Architecture.Tests;

/// <summary>The source files of the libraries, read as text: which folder declares which types, and which names a file uses.</summary>
internal static partial class Sources
{
    private static readonly char[] s_separators = ['/', '\\'];

    /// <summary>The repository's folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The paths of the source files of all libraries.</summary>
    public static IReadOnlyList<string> Paths { get; } = [.. FindPaths()];

    /// <summary>The files of all libraries.</summary>
    public static IReadOnlyList<SourceFile> Files { get; } = [.. Read()];

    /// <summary>Returns the arrows between folders of one project: the first uses types that the second declares.</summary>
    public static IReadOnlyDictionary<(string From, string To), SortedSet<string>> Arrows(
        IReadOnlyList<SourceFile> files
    )
    {
        ILookup<string, string> declaring = files
            .SelectMany(f => f.Declared.Select(type => (type, f.Folder)))
            .Distinct()
            .ToLookup(d => d.type, d => d.Folder);
        var arrows = new Dictionary<(string, string), SortedSet<string>>();
        foreach (SourceFile file in files)
        {
            foreach (string name in file.Used.Where(n => !declaring[n].Contains(file.Folder)))
            {
                foreach (string folder in declaring[name].Where(f => ProjectOf(f) == ProjectOf(file.Folder)))
                {
                    if (!arrows.TryGetValue((file.Folder, folder), out SortedSet<string>? names))
                    {
                        arrows[(file.Folder, folder)] = names = new SortedSet<string>(StringComparer.Ordinal);
                    }
                    names.Add(name);
                }
            }
        }
        return arrows;
    }

    /// <summary>Reads a file's text.</summary>
    /// <param name="folder">The folder below src, with slashes.</param>
    /// <param name="text">The file's text.</param>
    public static SourceFile Parse(string folder, string text)
    {
        string code = Strings().Replace(Comments().Replace(RawStrings().Replace(text, "\"\""), ""), "\"\"");
        return new SourceFile(
            folder,
            NamespaceLine().Match(code).Groups[1].Value,
            [.. Declarations().Matches(code).Select(m => m.Groups[2].Value)],
            Declarations().Matches(code).Any(m => m.Groups[1].Value.Contains("public", StringComparison.Ordinal)),
            Names(EnumMembers().Replace(code, "")).Except(Properties(code)).ToHashSet(StringComparer.Ordinal)
        );
    }

    // A property of a file is not a type of the same name, unless it is of that type.
    private static IEnumerable<string> Properties(string code) =>
        PropertyDeclarations()
            .Matches(code)
            .Where(m => !Regex.IsMatch(m.Groups[1].Value, $@"\b{m.Groups[2].Value}\b"))
            .Select(m => m.Groups[2].Value);

    // A name before a bracket is a method's, unless it is constructed or a base.
    private static IEnumerable<string> Names(string code) =>
        Identifiers()
            .Matches(code)
            .Where(m => !m.Groups[2].Success || IsTypePosition().IsMatch(code[Math.Max(0, m.Index - 6)..m.Index]))
            .Select(m => m.Groups[1].Value)
            .Distinct();

    private static string ProjectOf(string folder) => folder.Split('/')[0];

    private static IEnumerable<string> FindPaths()
    {
        string src = Path.Combine(Root, "src");
        foreach (string path in Directory.EnumerateFiles(src, "*.cs", SearchOption.AllDirectories))
        {
            string[] parts = Path.GetRelativePath(src, path).Split(s_separators);
            if (!parts.Contains("obj") && !parts.Contains("bin"))
            {
                yield return path;
            }
        }
    }

    private static IEnumerable<SourceFile> Read()
    {
        string src = Path.Combine(Root, "src");
        foreach (string path in Paths)
        {
            string[] parts = Path.GetRelativePath(src, path).Split(s_separators);
            yield return Parse(string.Join('/', parts[..^1]), File.ReadAllText(path));
        }
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Lamina.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }
        return folder ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }

    [GeneratedRegex("\"\"\"(?:.|\n)*?\"\"\"")]
    private static partial Regex RawStrings();

    [GeneratedRegex("//.*")]
    private static partial Regex Comments();

    [GeneratedRegex("\"(?:[^\"\\\\\n]|\\\\.)*\"")]
    private static partial Regex Strings();

    [GeneratedRegex(@"^[ \t]*[A-Z]\w*[ \t]*(=[ \t]*[\w<> ]+)?,?[ \t]*\r?$", RegexOptions.Multiline)]
    private static partial Regex EnumMembers();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(
        @"^((?:(?:public|internal|private|sealed|static|abstract|readonly|partial|file|ref|unsafe)\s+)*)(?:class|record struct|record|struct|enum|interface|delegate [\w<>?\[\]]+)\s+([A-Z]\w+)",
        RegexOptions.Multiline
    )]
    private static partial Regex Declarations();

    [GeneratedRegex(
        @"^[ \t]+(?:(?:public|internal|private|protected|required|static|override|virtual|abstract|sealed)\s+)+([\w<>?\[\], .]+?)\s+([A-Z]\w+)\s*(?:\{|=>)",
        RegexOptions.Multiline
    )]
    private static partial Regex PropertyDeclarations();

    // What is assigned to is a member.
    [GeneratedRegex(@"(?<![\w.])([A-Z]\w+)\b(?!\s*=[^=>])(\s*\()?")]
    private static partial Regex Identifiers();

    [GeneratedRegex(@"(new|:|,)\s+$")]
    private static partial Regex IsTypePosition();
}

/// <summary>What a source file declares and uses.</summary>
/// <param name="Folder">The folder below src, with slashes.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Declared">The types that it declares, nested ones left out.</param>
/// <param name="IsPublic"><see langword="true"/> if one of them is public.</param>
/// <param name="Used">The names that may be types.</param>
internal sealed record SourceFile(
    string Folder,
    string Namespace,
    IReadOnlyList<string> Declared,
    bool IsPublic,
    IReadOnlySet<string> Used
);
