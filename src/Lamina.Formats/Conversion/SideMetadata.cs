using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Reads and writes classes and preprocessing in a file beside the weights, weights.pth.json, for formats without
/// metadata.
/// </summary>
internal static class SideMetadata
{
    private const int MaxBytes = 64 << 20;

    /// <summary>Returns the path of the file beside a weights file.</summary>
    public static string PathOf(string weights) => $"{weights}.json";

    /// <summary>Reads the file; <see langword="null"/> if it does not exist.</summary>
    /// <exception cref="ModelFileException">The file cannot be read, or is not a JSON object.</exception>
    public static JsonObject? Read(string weights)
    {
        string path = PathOf(weights);
        return File.Exists(path) ? StrictJson.Parse(BoundedFile.Read(path, MaxBytes), path) : null;
    }

    /// <summary>
    /// Writes weights and then the file beside them. Without metadata, an existing file of older weights is deleted: it
    /// would name the wrong classes.
    /// </summary>
    /// <exception cref="LaminaException">
    /// The metadata has no JSON representation, or a file cannot be written.
    /// </exception>
    public static void Write(string weights, JsonObject? metadata, Action write)
    {
        string path = PathOf(weights);
        byte[]? json = metadata is { Count: > 0 } ? StrictJson.Write(metadata, "The metadata") : null;
        if (Directory.Exists(path))
        {
            throw new LaminaException(
                $"{path}: is a folder, but classes and preprocessing are written to this path. Move the folder."
            );
        }
        write();
        if (json is not null)
        {
            AtomicFile.WriteAllBytes(path, json);
            return;
        }
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotWrite(path, e);
        }
    }
}
