using System.Formats.Tar;
using System.Text;
using System.Text.Json;

namespace Lamina;

/// <summary>
/// Lists the files in a tar archive, and in tar archives in it, by reading the headers only. Nothing is extracted: names with
/// "..", links and devices cannot do harm, since a name is only a name here.
/// </summary>
internal sealed class TarScanner(string archive, CancellationToken cancellation)
{
    /// <summary>The most bytes of one file; larger ones are skipped.</summary>
    public const int MostBytes = 256 << 20;

    private const int MostNameCharacters = 4096;
    private const int MostLabelBytes = 64 << 10;
    private const int MostLabelCharacters = 256;
    private const int MostSkipped = 1000;
    private const int DeepestNesting = 2;

    private readonly MemberTable _table = new();
    private int _skipped;

    /// <summary>Lists the files. Damage ends the list, and is its last skipped entry.</summary>
    public MemberTable Scan(Stream stream)
    {
        using var guard = new TarGuard(stream, long.MaxValue);
        ScanPart(guard, 0, guard.Length, "", 0);
        if (_skipped > MostSkipped)
        {
            _table.Skipped.Add(new SkippedImage(archive, $"{_skipped - MostSkipped} more entries were skipped."));
        }
        return _table;
    }

    /// <summary>Returns <see langword="true"/> for exceptions with which a tar reader reports damage.</summary>
    public static bool IsDamage(Exception e) =>
        e
            is InvalidDataException
                or IOException
                or FormatException
                or ArgumentException
                or InvalidOperationException
                or NotSupportedException
                or OverflowException;

    private void ScanPart(TarGuard stream, long start, long end, string prefix, int depth)
    {
        int before = _table.Count;
        long at = start;
        try
        {
            using var reader = new TarReader(new StreamPart(stream, start, end - start), leaveOpen: true);
            while (reader.GetNextEntry() is { } entry)
            {
                cancellation.ThrowIfCancellationRequested();
                at = start + Math.Max(entry.DataOffset, 0);
                if (entry.Length > 0 && entry.Length > end - at)
                {
                    Damage(
                        $"is truncated: '{entry.Name}' ends {entry.Length - (end - at)} bytes after the archive does"
                    );
                    return;
                }
                Add(stream, entry, at, prefix + entry.Name, depth);
            }
        }
        catch (EndOfStreamException)
        {
            Damage("is truncated: it ends without the two empty blocks that end a tar archive");
        }
        catch (Exception e) when (IsDamage(e) && e is not DataException)
        {
            Damage($"is damaged or not a tar archive after byte {at} ({e.Message.TrimEnd('.')})");
        }

        void Damage(string reason)
        {
            string name = prefix.Length == 0 ? archive : $"{archive}/{prefix.TrimEnd('/')}";
            _table.Skipped.Add(
                new SkippedImage(name, $"{reason}. The {_table.Count - before} files before it are used.")
            );
        }
    }

    private void Add(TarGuard stream, TarEntry entry, long at, string name, int depth)
    {
        if (Refusal(entry, name) is { } reason)
        {
            Skip(name, reason);
        }
        else if (!IsFile(entry) || FolderWalk.IsIgnored(Path.GetFileName(name)))
        {
            return;
        }
        else if (name.EndsWith(".tar", StringComparison.OrdinalIgnoreCase) && depth < DeepestNesting)
        {
            ScanPart(stream, at, at + entry.Length, name + "/", depth + 1);
        }
        else if (entry.Length > MostBytes)
        {
            Skip(name, $"has {entry.Length} bytes, over the limit of {MostBytes >> 20} MiB.");
        }
        else
        {
            string? label = LabelIn(entry, name);
            _table.Add(name, at, (int)entry.Length, label);
        }
    }

    private void Skip(string name, string reason)
    {
        if (_skipped++ < MostSkipped)
        {
            string shown = name.Length > MostLabelCharacters ? name[..MostLabelCharacters] + "…" : name;
            _table.Skipped.Add(new SkippedImage($"{archive}/{shown}", reason));
        }
    }

    private static string? Refusal(TarEntry entry, string name) =>
        entry.EntryType switch
        {
            TarEntryType.SymbolicLink or TarEntryType.HardLink => "is a link, which is not followed in an archive.",
            TarEntryType.BlockDevice or TarEntryType.CharacterDevice or TarEntryType.Fifo =>
                "is a device or a pipe, not an image.",
            _ when name.Length > MostNameCharacters => $"has a name of {name.Length} characters.",
            _ => null,
        };

    private static bool IsFile(TarEntry entry) =>
        entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile;

    /// <summary>Returns the label in a .cls or .json file; reports a file that contains none.</summary>
    private string? LabelIn(TarEntry entry, string name)
    {
        bool isJson = name.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
        if (!isJson && !name.EndsWith(".cls", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
        string? label = null;
        if (entry.Length <= MostLabelBytes)
        {
            var bytes = new byte[entry.Length];
            entry.DataStream?.ReadExactly(bytes);
            label = isJson ? LabelInJson(bytes) : Encoding.UTF8.GetString(bytes).Trim();
        }
        if (string.IsNullOrEmpty(label) || label.Length > MostLabelCharacters || label.Any(char.IsControl))
        {
            Skip(name, isJson ? "contains no cls, label or class." : "contains no class.");
            return null;
        }
        return label;
    }

    private static string? LabelInJson(byte[] bytes)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes);
            return json.RootElement.ValueKind is JsonValueKind.Object ? LabelFields.In(json.RootElement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
