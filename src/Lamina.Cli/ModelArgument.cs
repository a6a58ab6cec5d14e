using System.CommandLine;
using Lamina.Runs.Folder;
using Lamina.Runs.Sources;

namespace Lamina.Cli;

/// <summary>A model named on the command line: one of the zoo's, or a saved one's or a run's path.</summary>
internal static class ModelArgument
{
    /// <summary>Completes names and paths of models.</summary>
    public static void Complete<T>(Argument<T> argument) => PathCompletions.Add(argument, Zoo.Names);

    /// <summary>Builds or loads it.</summary>
    /// <exception cref="LaminaException">It is neither.</exception>
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
        throw Unknown(name, "nor is there such a saved model");
    }

    /// <summary>The error for a name that is not in the zoo.</summary>
    public static LaminaException Unknown(string name, string also = "") =>
        new(
            $"'{name}' is not one of the models ({string.Join(", ", Zoo.Names)})"
                + (also.Length > 0 ? $", {also}." : ".")
        );

    // In a method of its own, so that a zoo model never loads the assembly of file formats.
    private static Model LoadSaved(string path) =>
        ModelFile.Load(RunFolder.ModelPathOf(path), optimizerState: false).Model;
}
