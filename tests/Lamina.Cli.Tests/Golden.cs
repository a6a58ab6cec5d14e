namespace Lamina.Cli.Tests;

/// <summary>Texts that a person sees, kept in files.</summary>
internal static class Golden
{
    /// <summary>
    /// Compares; with LAMINA_GOLDENS naming the folder of goldens it writes what it got there, for review, and fails.
    /// </summary>
    public static void Equal(string name, string actual)
    {
        if (Environment.GetEnvironmentVariable("LAMINA_GOLDENS") is { Length: > 0 } folder)
        {
            File.WriteAllText(Path.Combine(folder, name), actual);
            Assert.Fail($"{name} was written; review it, and run again without LAMINA_GOLDENS.");
        }
        string expected = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Goldens", name));
        Assert.Equal(expected, actual);
    }

    /// <summary>A file beside the goldens.</summary>
    public static string Read(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Goldens", name)).ReplaceLineEndings("\n");
}
