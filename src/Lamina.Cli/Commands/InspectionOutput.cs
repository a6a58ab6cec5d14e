using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lamina.Runs.Folder;

namespace Lamina.Cli;

/// <summary>The pictures that a look inside a network writes.</summary>
/// <param name="folder">The folder that was requested; null for the default.</param>
/// <param name="run">The run folder or model file.</param>
/// <param name="standard">The name of the default folder.</param>
internal sealed class InspectionOutput(string? folder, string run, string standard)
{
    /// <summary>The form of JSON for people and programs.</summary>
    public static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Creates the option for a folder of pictures.</summary>
    public static Option<string?> Folder(string standard) =>
        new("--output")
        {
            Description =
                $"Sets the folder for the pictures. Default: {standard} in the run folder, or in the current folder.",
            HelpName = "DIR",
        };

    /// <summary>Creates the option for one picture.</summary>
    public static Option<string?> Picture(string standard) =>
        new("--output")
        {
            Description =
                $"Sets the picture to write. Default: {standard} in the run folder, or in the current folder.",
            HelpName = "FILE",
        };

    /// <summary>Creates the option for dark pictures.</summary>
    public static Option<bool> Dark() => new("--dark") { Description = "Draws on a dark background." };

    /// <summary>Starts to listen to interrupts of a command that writes whole files only.</summary>
    public static Interrupts Listen(Terminal terminal)
    {
        var interrupts = new Interrupts(
            () => terminal.WriteError("interrupted: stopping. No partial file is written."),
            terminal
        );
        interrupts.Listen();
        return interrupts;
    }

    /// <summary>Returns a path in a run folder; in the current folder for a model that is not in one.</summary>
    public static string Beside(string run, string name) =>
        Directory.Exists(run) && RunFolder.ModelPathOf(run) != run ? Path.Combine(run, name) : name;

    /// <summary>Returns the path of an image's picture, a different one for each image, and creates its folder.</summary>
    /// <exception cref="LaminaException">The folder cannot be created.</exception>
    public string FileFor(string image)
    {
        string root = folder ?? Beside(run, standard);
        try
        {
            Directory.CreateDirectory(root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{root}: cannot create the folder for pictures ({e.Message})", e);
        }
        string name = image == InputImages.StandardInput ? "standard-input" : Path.GetFileNameWithoutExtension(image);
        string unused = name;
        for (int i = 2; !_names.Add(unused); i++)
        {
            unused = string.Create(CultureInfo.InvariantCulture, $"{name}-{i}");
        }
        return Path.Combine(root, unused + ".png");
    }
}
