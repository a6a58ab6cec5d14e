using System.Globalization;
using System.Text;
using Lamina.Runs.Text;

namespace Lamina.Runs.Labeling;

/// <summary>A folder of class folders with links to images, written under a temporary name and then renamed.</summary>
/// <param name="path">The folder.</param>
/// <param name="copies"><see langword="true"/> to copy images.</param>
internal sealed class LabelFolder(string path, bool copies)
{
    private const string Table = "labels.csv";

    /// <summary>Checks that the folder does not exist yet.</summary>
    /// <exception cref="LaminaException">It exists.</exception>
    public void RequireNew()
    {
        if (Path.Exists(path))
        {
            throw new LaminaException($"{path}: exists already. Use a new folder for the proposed classes.");
        }
    }

    /// <summary>Writes the folder.</summary>
    /// <exception cref="LaminaException">It cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was canceled; nothing is left.</exception>
    public LabelReport Write(IReadOnlyList<ProposedLabel> labels, CancellationToken cancellation)
    {
        string full = Path.GetFullPath(Path.TrimEndingDirectorySeparator(path));
        string temporary = $"{full}.{Environment.ProcessId}.tmp";
        try
        {
            Directory.CreateDirectory(temporary);
            HashSet<string> used = new(StringComparer.OrdinalIgnoreCase);
            foreach (ProposedLabel label in labels)
            {
                cancellation.ThrowIfCancellationRequested();
                string folder = Path.Combine(temporary, label.Class);
                Directory.CreateDirectory(folder);
                Place(Path.GetFullPath(label.Image), Path.Combine(folder, FreeName(label, used)));
            }
            File.WriteAllText(Path.Combine(temporary, Table), TableOf(labels));
            Directory.Move(temporary, full);
        }
        catch (Exception e)
        {
            Remove(temporary);
            if (e is IOException or UnauthorizedAccessException)
            {
                string copy = copies ? "" : " If links are not possible there, copy the images.";
                throw new LaminaException($"{path}: cannot be written ({OneLine.Of(e.Message)}).{copy}", e);
            }
            throw;
        }
        return new LabelReport(
            full,
            labels,
            [.. labels.CountBy(l => l.Class).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => (p.Key, p.Value))]
        );
    }

    private void Place(string image, string to)
    {
        if (copies)
        {
            File.Copy(image, to);
        }
        else
        {
            File.CreateSymbolicLink(to, image);
        }
    }

    // Images of one name in several folders become images of one class.
    private static string FreeName(ProposedLabel label, HashSet<string> used)
    {
        string name = Path.GetFileName(label.Image);
        string free = name;
        for (int i = 2; !used.Add(label.Class + "/" + free); i++)
        {
            string stem = Path.GetFileNameWithoutExtension(name);
            free = string.Create(CultureInfo.InvariantCulture, $"{stem}-{i}{Path.GetExtension(name)}");
        }
        return free;
    }

    private static string TableOf(IReadOnlyList<ProposedLabel> labels)
    {
        var text = new StringBuilder("image,class,certainty\n");
        foreach (ProposedLabel label in labels)
        {
            string image = label.Image.Replace("\"", "\"\"", StringComparison.Ordinal);
            text.Append(CultureInfo.InvariantCulture, $"\"{image}\",{label.Class},{label.Certainty:F4}\n");
        }
        return text.ToString();
    }

    private static void Remove(string folder)
    {
        try
        {
            // Deletes links, not what they point to.
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What ended the work is what to report.
        }
    }
}
