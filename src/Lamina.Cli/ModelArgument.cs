using System.CommandLine;
using Lamina.Runs.Folder;
using Lamina.Runs.Sources;

namespace Lamina.Cli;

/// <summary>A model argument: the name of a zoo model, or the path of a saved model or run.</summary>
internal static class ModelArgument
{
    /// <summary>Adds completions of model names and paths.</summary>
    public static void Complete<T>(Argument<T> argument) => PathCompletions.Add(argument, Zoo.Names);

    /// <summary>Builds or loads a model.</summary>
    /// <exception cref="LaminaException">The argument is neither a name nor a path.</exception>
    public static Model Resolve(string name, ZooOptions options)
    {
        if (Zoo.Names.Contains(name))
        {
            SmallestInput.Require(name, options.InputSize);
            return Zoo.Build(name, options);
        }
        if (Path.Exists(name))
        {
            return LoadSaved(name);
        }
        throw Unknown(name, "and not a saved model");
    }

    /// <summary>Returns the error for a name that is not in the zoo.</summary>
    public static LaminaException Unknown(string name, string also = "") =>
        new(
            $"'{name}' is not one of the models ({string.Join(", ", Zoo.Names)})"
                + (also.Length > 0 ? $", {also}." : ".")
        );

    // In its own method, so that a zoo model never loads the assembly of file formats.
    private static Model LoadSaved(string path) =>
        ModelFile.Load(RunFolder.ModelPathOf(path), optimizerState: false).Model;
}
