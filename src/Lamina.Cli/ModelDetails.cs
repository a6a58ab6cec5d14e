using Lamina.Runs;
using Lamina.Torch;

namespace Lamina.Cli;

/// <summary>The lines of <c>--verbose</c> about the model in use.</summary>
internal static class ModelDetails
{
    /// <summary>Writes the details of a classifier.</summary>
    public static void Write(Terminal terminal, RunClassifier classifier)
    {
        if (terminal.Verbosity != Verbosity.Verbose)
        {
            return;
        }
        Model model = classifier.Model;
        terminal.Detail(
            FormattableString.Invariant(
                $"model: {model.Name}, {model.CountParams():N0} parameters, input {model.Inputs[0].Shape}, output {model.Outputs[0].Shape}"
            )
        );
        terminal.Detail($"classes: {string.Join(", ", classifier.Info.Classes)}");
        terminal.Detail($"preprocessing: {classifier.Info.Preprocessing.ToJson()}");
        Libraries(terminal);
    }

    /// <summary>Writes the libraries in use, and the number of threads.</summary>
    public static void Libraries(Terminal terminal)
    {
        if (terminal.Verbosity != Verbosity.Verbose)
        {
            return;
        }
        TorchLibrary.Use();
        string folder = Environment.GetEnvironmentVariable(TorchLibrary.FolderVariable) ?? "the package's";
        terminal.Detail(
            FormattableString.Invariant(
                $"libtorch: {folder}, ABI {TorchLibrary.AbiVersion:x16}, loaded in {TorchLibrary.LoadTime.TotalSeconds:F2} s, {TorchLibrary.Threads} threads"
            )
        );
        terminal.Detail($"{CommandLine.Version}, .NET {Environment.Version}");
    }
}
