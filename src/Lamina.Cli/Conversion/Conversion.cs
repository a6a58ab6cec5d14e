using System.Globalization;
using System.Text.Json.Nodes;
using Lamina.Runs;
using Lamina.Runs.Sources;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>Reads a model of one format and writes it in another, and says what the other cannot hold.</summary>
/// <param name="from">What is read.</param>
/// <param name="to">What is written.</param>
/// <param name="format">The name of the format to write; null for what the ending says.</param>
/// <param name="layout">How an ONNX file has images.</param>
/// <param name="settings">What the file that is read does not say.</param>
/// <param name="force">Whether what is there may be replaced.</param>
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

    /// <summary>Does it.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="LaminaException">It cannot be read or written; what was at the target is as it was.</exception>
    public int Run(Terminal terminal)
    {
        ModelFormat target = Target();
        foreach (string path in target.MetadataPath(to) is { } side ? (string[])[to, side] : [to])
        {
            if (Path.Exists(path) && !force && !IsEmptyFolder(path))
            {
                throw new LaminaException($"{path}: is there already. Name another, or replace it with --force.");
            }
        }
        if (Path.GetFullPath(from) == Path.GetFullPath(to))
        {
            throw new LaminaException($"{to}: would be written over what is read. Name another file.");
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
                $"{to}: its ending says no format. Say it with --to: {string.Join(", ", ModelFormats.All.Where(f => f.CanSave))}."
            );
        return found.CanSave ? found : throw new LaminaException($"{to}: {found.Title} can be read and not written.");
    }

    private IEnumerable<string> Lost(SourceModel source, ModelFormat target, JsonObject metadata)
    {
        if (source.Format.Describe(from).Notes.Any(n => n.StartsWith(OptimizerNote, StringComparison.Ordinal)))
        {
            yield return "the optimizer's state, which only training goes on from";
        }
        if (!target.HoldsGraph)
        {
            yield return $"the graph: {target.Title} holds weights alone, read with --model or into a model that is built";
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

    // A network of the zoo is known by its weights' shapes, the head's apart: a state dict then loads where it came from.
    private static IReadOnlyList<string>? PyTorchModules(Model model)
    {
        return Zoo
            .Members.FirstOrDefault(m => m.PyTorchModules is not null && Shapes(m.Build()).SequenceEqual(Shapes(model)))
            ?.PyTorchModules;

        static IEnumerable<Shape> Shapes(Model model) => model.Weights.SkipLast(2).Select(w => w.Shape);
    }

    // Large models take seconds each way.
    private static void Say(Terminal terminal, string line)
    {
        if (terminal.IsInteractive && terminal.Verbosity != Verbosity.Quiet)
        {
            terminal.Error.WriteLine(OneLine.Of(line));
        }
    }
}
