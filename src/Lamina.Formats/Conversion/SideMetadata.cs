using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>Classes and preprocessing in a file beside the weights', for formats that have no place for them: weights.pth.json.</summary>
internal static class SideMetadata
{
    private const int MaxBytes = 64 << 20;

    /// <summary>The file beside a file of weights.</summary>
    public static string PathOf(string weights) => $"{weights}.json";

    /// <summary>Reads the file; <see langword="null"/> if there is none.</summary>
    /// <exception cref="ModelFileException">It cannot be read, or is not a JSON object.</exception>
    public static JsonObject? Read(string weights)
    {
        string path = PathOf(weights);
        return File.Exists(path) ? StrictJson.Parse(BoundedFile.Read(path, MaxBytes), path) : null;
    }

    /// <summary>
    /// Writes weights and then the file beside them. Without metadata, the file of older weights goes: it would name the wrong
    /// classes.
    /// </summary>
    /// <exception cref="LaminaException">The metadata has no JSON, or a file cannot be written.</exception>
    public static void Write(string weights, JsonObject? metadata, Action write)
    {
        string path = PathOf(weights);
        byte[]? json = metadata is { Count: > 0 } ? StrictJson.Write(metadata, "The metadata") : null;
        if (Directory.Exists(path))
        {
            throw new LaminaException(
                $"{path}: is a folder, and the file of classes and preprocessing goes there. Move it."
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
