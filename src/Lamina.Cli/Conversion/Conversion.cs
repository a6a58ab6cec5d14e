using System.Globalization;
using System.Text.Json.Nodes;
using Lamina.Runs;
using Lamina.Runs.Sources;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>Converts a model from one format to another, and reports what the other cannot contain.</summary>
/// <param name="from">The path to read.</param>
/// <param name="to">The path to write.</param>
/// <param name="format">The name of the format to write; null to use the extension.</param>
/// <param name="layout">The image layout of an ONNX file.</param>
/// <param name="settings">The facts that the source file does not contain.</param>
/// <param name="force"><see langword="true"/> to replace an existing file or folder.</param>
internal sealed class Conversion(
    string from,
    string to,
    string? format,
    OnnxLayout layout,
    SourceSettings settings,
    bool force
)
{
    private const string OptimizerNote = "optimizer state";

    /// <summary>Converts the model.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="LaminaException">The model cannot be read or written; the target is unchanged.</exception>
    public int Run(Terminal terminal)
    {
        ModelFormat target = Target();
        foreach (string path in target.MetadataPath(to) is { } side ? (string[])[to, side] : [to])
        {
            if (Path.Exists(path) && !force && !IsEmptyFolder(path))
            {
                throw new LaminaException(
                    $"{path}: already exists. Choose another name, or use --force to replace it."
                );
            }
        }
        if (Path.GetFullPath(from) == Path.GetFullPath(to))
        {
            throw new LaminaException($"{to}: is also the source. Choose another name.");
        }
        Say(terminal, $"reading {from}");
        SourceModel source = settings.Load(from);
        JsonObject metadata = settings.Metadata(source);
        Say(terminal, $"writing {to}");
        var options = new ModelWriteOptions
        {
            Metadata = metadata.Count > 0 ? metadata : null,
            PyTorchModules = PyTorchModules(source.Model),
            OnnxLayout = layout,
        };
        target.Save(source.Model, to, options);
        FileDescription written = target.Describe(to);
        TextWriter output = terminal.Output;
        output.WriteLine(
            OneLine.Of(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{from} ({source.Format.Name}) → {to} ({target.Name}): {source.Model.CountParams():N0} parameters in {written.Tensors.Count} tensors, {FileListing.Bytes(FileListing.SizeOf(to))}"
                )
            )
        );
        output.Flush();
        foreach (string line in Lost(source, target, metadata))
        {
            terminal.Say($"not kept: {line}");
        }
        foreach (TensorDescription tensor in written.Tensors)
        {
            terminal.Detail($"{tensor.Name} {tensor.Dtype} ({string.Join(", ", tensor.Shape)})");
        }
        return ExitCode.Done;
    }

    private static bool IsEmptyFolder(string path) =>
        Directory.Exists(path) && !Directory.EnumerateFileSystemEntries(path).Any();

    private ModelFormat Target()
    {
        ModelFormat found =
            (format is null ? ModelFormats.ByExtension(to) : ModelFormats.ByName(format))
            ?? throw new LaminaException(
                $"{to}: unknown extension. Set the format with --to: {string.Join(", ", ModelFormats.All.Where(f => f.CanSave))}."
            );
        return found.CanSave ? found : throw new LaminaException($"{to}: {found.Title} can be read but not written.");
    }

    private IEnumerable<string> Lost(SourceModel source, ModelFormat target, JsonObject metadata)
    {
        if (source.Format.Describe(from).Notes.Any(n => n.StartsWith(OptimizerNote, StringComparison.Ordinal)))
        {
            yield return "the optimizer state, which is only used to resume training";
        }
        if (!target.HoldsGraph)
        {
            yield return $"the graph: {target.Title} contains weights only; load it with --model or into a built model";
        }
        if (!target.HoldsMetadata && metadata.Count > 0)
        {
            yield return $"the metadata: {string.Join(", ", metadata.Select(m => m.Key))}";
        }
        foreach (string loss in target.Losses)
        {
            yield return loss;
        }
    }

    // Zoo models are recognized by the shapes of their weights, except the head: the state dict then loads in PyTorch.
    private static IReadOnlyList<string>? PyTorchModules(Model model)
    {
        return Zoo
            .Members.FirstOrDefault(m => m.PyTorchModules is not null && Shapes(m.Build()).SequenceEqual(Shapes(model)))
            ?.PyTorchModules;

        static IEnumerable<Shape> Shapes(Model model) => model.Weights.SkipLast(2).Select(w => w.Shape);
    }

    // Reading and writing large models takes seconds.
    private static void Say(Terminal terminal, string line)
    {
        if (terminal.IsInteractive && terminal.Verbosity != Verbosity.Quiet)
        {
            terminal.Error.WriteLine(OneLine.Of(line));
        }
    }
}
