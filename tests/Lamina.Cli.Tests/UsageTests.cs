namespace Lamina.Cli.Tests;

/// <summary>Wrong usage: exit code 2, one line that says what and where help is.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData(
        "foo",
        "'foo' is none of the commands train, recipes, evaluate, predict, quantize, summary, plot, compare, profile, inspect, convert. See: alexnet --help"
    )]
    [InlineData("", "Required command was not provided. See: alexnet --help")]
    [InlineData("train --input 63", "--input: '63' is not a whole number from 64 to 1024. See: alexnet train --help")]
    [InlineData("train --batch x", "--batch: 'x' is not a whole number from 1 to 1048576. See: alexnet train --help")]
    [InlineData("train --lr 0", "--lr: '0' is not a number above 0 and at most 1000. See: alexnet train --help")]
    [InlineData(
        "train --momentum NaN",
        "--momentum: 'NaN' is not a number from 0 and at most 1. See: alexnet train --help"
    )]
    [InlineData("evaluate run --crops 7", "--crops: '7' is neither 1 nor 10. See: alexnet evaluate --help")]
    [InlineData("predict run", "Required argument missing for command: 'predict'. See: alexnet predict --help")]
    [InlineData(
        "train --optimizer lbfgs",
        "Argument 'lbfgs' not recognized. Must be one of: 'sgd' 'adam' 'adamw' 'lars' See: alexnet train --help"
    )]
    [InlineData(
        "quantize run --images 0",
        "--images: '0' is not a whole number from 1 to 1000000. See: alexnet quantize --help"
    )]
    [InlineData(
        "quantize run --method best",
        "Argument 'best' not recognized. Must be one of: 'minmax' 'percentile' 'entropy' See: alexnet quantize --help"
    )]
    [InlineData("inspect", "Required argument missing for command: 'inspect'. See: alexnet inspect --help")]
    [InlineData("convert a", "Required argument missing for command: 'convert'. See: alexnet convert --help")]
    [InlineData("plot listing --colour", "Unrecognized command or argument '--colour'. See: alexnet plot --help")]
    public void Wrong_usage_is_one_line(string args, string expected)
    {
        Outcome outcome = Alexnet.Run(args.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, outcome.Code);
        Assert.Equal("", outcome.Output);
        // The library lists choices on lines of their own.
        Assert.Equal(expected, string.Join(' ', outcome.ErrorLine.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public void An_unknown_model_names_those_there_are()
    {
        Outcome outcome = Alexnet.Run("summary", "lenet");
        Assert.Equal(1, outcome.Code);
        Assert.Equal(
            $"'lenet' is not one of the models ({string.Join(", ", Zoo.Names)}), nor is there such a saved model.",
            outcome.ErrorLine
        );
        outcome = Alexnet.Run("train", "--model", "lenet");
        Assert.Equal(1, outcome.Code);
        Assert.Equal($"'lenet' is not one of the models ({string.Join(", ", Zoo.Names)}).", outcome.ErrorLine);
    }
}
