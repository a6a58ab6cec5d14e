using System.CommandLine;
using Lamina.Runs;

namespace Lamina.Cli;

/// <summary>The argument and the options for the images to train and validate on.</summary>
internal sealed class ImageOptions
{
    private static readonly TrainOptions s_defaults = new();

    private readonly Option<string> _validation = Text(
        "--validation",
        "DIR",
        "Sets the test data, in the format of the training data."
    );
    private readonly Option<double> _share = NumberOption.Real(
        "--validation-share",
        "Sets the fraction of each class held out for testing, if there is no other test data.",
        s_defaults.ValidationShare,
        0,
        0.99,
        includesMin: false
    );
    private readonly Option<string?> _format = FormatOption.Create();

    public ImageOptions() => PathCompletions.Add(Source, Zoo.Names);

    /// <summary>The images, or a model name.</summary>
    public Argument<string?> Source { get; } =
        new("source")
        {
            Description =
                "Class folders, IDX files, tar shards, ILSVRC-2012's archives, or a table (CSV, JSON lines); or a model "
                + "name. Default: the shipped Fashion-MNIST, also with a model name.",
            Arity = ArgumentArity.ZeroOrOne,
        };

    /// <summary>The options, in the order of the help.</summary>
    public IReadOnlyList<Option> All => [_validation, _share, _format];

    /// <summary>Returns the model that the argument names; null if it names images.</summary>
    // A folder of that name takes precedence.
    public string? Model(ParseResult parsed) =>
        parsed.GetValue(Source) is { } named && Zoo.Names.Contains(named) && !Directory.Exists(named) ? named : null;

    /// <summary>Returns options of a training with the images.</summary>
    public TrainOptions Apply(ParseResult parsed, TrainOptions options) =>
        options with
        {
            Data = Model(parsed) is null ? parsed.GetValue(Source) : null,
            Format = FormatOption.Of(parsed.GetValue(_format)),
            Validation = parsed.GetValue(_validation),
            ValidationShare = parsed.GetValue(_share),
        };

    private static Option<string> Text(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value };
}
