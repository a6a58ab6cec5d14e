using System.CommandLine;
using Lamina.Runs;
using Lamina.Runs.Sources;

namespace Lamina.Cli;

/// <summary>The options that supply what a model file does not contain.</summary>
internal sealed class SourceOptions
{
    private readonly Option<string> _model = new("--model")
    {
        Description =
            $"Sets the model to load weights into, if the file contains weights only: {string.Join(", ", Zoo.Names)}.",
        HelpName = "NAME",
    };
    private readonly Option<int?> _input = NumberOption.WholeOrNone(
        "--input",
        "Sets the input height and width in pixels, with --model. Default: from the file, or the model's own.",
        1,
        SmallestInput.MaxInput
    );
    private readonly Option<int?> _channels = NumberOption.WholeOrNone(
        "--channels",
        "Sets the input channels, with --model: 1 for gray, 3 for color. Default: the model's own.",
        1,
        SmallestInput.MaxInput
    );
    private readonly Option<string> _classesFrom = new("--classes-from")
    {
        Description = "Reads class names from a text file, one per line, if the model does not contain them.",
        HelpName = "FILE",
    };
    private readonly Option<string> _preprocessing = new("--preprocessing")
    {
        Description =
            "Sets the preprocessing, if the model does not contain it: torchvision, 0-1, 0-255 (range of a byte), "
            + "or a JSON file.",
        HelpName = "NAME",
    };

    public SourceOptions()
    {
        _model.Accept([.. Zoo.Names]);
        _preprocessing.CompletionSources.Add(PathCompletions.With(SourceSettings.PreprocessingNames));
    }

    /// <summary>The options, in the order of the help.</summary>
    public IReadOnlyList<Option> All => [_model, _input, _channels, _classesFrom, _preprocessing];

    /// <summary>Returns the options of a classifier.</summary>
    public ClassifierOptions Classifier(
        ParseResult parsed,
        Option<bool> quantized,
        Option<bool> half,
        ComputeOptions compute
    ) =>
        new()
        {
            Device = compute.Device(parsed),
            Precision = compute.Precision(parsed),
            Quantized = parsed.GetValue(quantized),
            DensePrecision = parsed.GetValue(half) ? WeightPrecision.Float16 : WeightPrecision.Float32,
            Source = Read(parsed),
        };

    /// <summary>Reads the options.</summary>
    public SourceSettings Read(ParseResult parsed) =>
        new()
        {
            Model = parsed.GetValue(_model),
            Options = new ZooOptions { InputSize = parsed.GetValue(_input), Channels = parsed.GetValue(_channels) },
            ClassesFrom = parsed.GetValue(_classesFrom),
            Preprocessing = parsed.GetValue(_preprocessing),
        };
}
