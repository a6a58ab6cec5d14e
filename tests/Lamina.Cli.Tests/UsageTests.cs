namespace Lamina.Cli.Tests;

/// <summary>Wrong usage: exit code 2, one line that says what and where help is.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData(
        "foo",
        "'foo' is not one of the commands train, tune, pretrained, recipes, data, pack, evaluate, predict, explain, neighbors, label, filters, calibrate, map, attack, quantize, serve, export-page, summary, plot, compare, profile, devices, inspect, convert, completion. See: alexnet --help"
    )]
    [InlineData(
        "tarin",
        "'tarin' is not one of the commands train, tune, pretrained, recipes, data, pack, evaluate, predict, explain, neighbors, label, filters, calibrate, map, attack, quantize, serve, export-page, summary, plot, compare, profile, devices, inspect, convert, completion. Did you mean train? See: alexnet --help"
    )]
    [InlineData("", "a command is missing. See: alexnet --help")]
    [InlineData("--epochs 3", "'--epochs' is not an option of 'alexnet'. See: alexnet --help")]
    [InlineData(
        "train --epoch 3",
        "'--epoch' is not an option of 'alexnet train'. Did you mean --epochs? See: alexnet train --help"
    )]
    [InlineData(
        "train photos --epoch=3",
        "'--epoch' is not an option of 'alexnet train'. Did you mean --epochs? See: alexnet train --help"
    )]
    [InlineData(
        "train --EPOCHS 3",
        "'--EPOCHS' is not an option of 'alexnet train'. Did you mean --epochs? See: alexnet train --help"
    )]
    [InlineData(
        "train —epochs 3",
        "'—epochs' is not an option of 'alexnet train'. Did you mean --epochs? See: alexnet train --help"
    )]
    [InlineData(
        "train --output --strct",
        "'--strct' is not an option of 'alexnet train'. Did you mean --strict? See: alexnet train --help"
    )]
    [InlineData(
        "train --checkpoint 3",
        "'--checkpoint' is not an option of 'alexnet train'. Did you mean --checkpoint-every? See: alexnet train --help"
    )]
    [InlineData(
        "predict run x.jpg --tpo 1",
        "'--tpo' is not an option of 'alexnet predict'. Did you mean --top? See: alexnet predict --help"
    )]
    [InlineData(
        "summary walkthrough --clases 3",
        "'--clases' is not an option of 'alexnet summary'. Did you mean --classes? See: alexnet summary --help"
    )]
    [InlineData("compare -x", "'-x' is not an option of 'alexnet compare'. See: alexnet compare --help")]
    [InlineData(
        "plot listing -output x.png",
        "'-output' is not an option of 'alexnet plot'. Did you mean --output? See: alexnet plot --help"
    )]
    [InlineData("plot listing --colour", "'--colour' is not an option of 'alexnet plot'. See: alexnet plot --help")]
    [InlineData("recipes paper modern", "extra argument: 'modern'. See: alexnet recipes --help")]
    [InlineData("train --epochs", "--epochs: a value is missing (N). See: alexnet train --help")]
    [InlineData("train --epochs 3 --epochs 4", "--epochs: is specified more than once. See: alexnet train --help")]
    [InlineData("train --input 0", "--input: '0' is not a whole number from 1 to 1024. See: alexnet train --help")]
    [InlineData("train --batch x", "--batch: 'x' is not a whole number from 1 to 1048576. See: alexnet train --help")]
    [InlineData("train --lr 0", "--lr: '0' is not a number above 0 and at most 1000. See: alexnet train --help")]
    [InlineData("train --lr -1", "--lr: '-1' is not a number above 0 and at most 1000. See: alexnet train --help")]
    [InlineData(
        "train --seed x",
        "--seed: 'x' is not a whole number from -9223372036854775808 to 9223372036854775807. See: alexnet train --help"
    )]
    [InlineData(
        "train --momentum NaN",
        "--momentum: 'NaN' is not a number from 0 and at most 1. See: alexnet train --help"
    )]
    [InlineData(
        "train --quiet --verbose",
        "--quiet and --verbose exclude each other. Use one of them. See: alexnet train --help"
    )]
    [InlineData("evaluate run --crops 7", "--crops: '7' must be 1, 2 or 10. See: alexnet evaluate --help")]
    [InlineData("predict run", "<image> is missing. See: alexnet predict --help")]
    [InlineData(
        "train --optimizer lbfgs",
        "--optimizer: 'lbfgs' is not one of sgd, adam, adamw, lars. See: alexnet train --help"
    )]
    [InlineData(
        "train --optimizer adm",
        "--optimizer: 'adm' is not one of sgd, adam, adamw, lars. Did you mean adam? See: alexnet train --help"
    )]
    [InlineData(
        "quantize run --images 0",
        "--images: '0' is not a whole number from 1 to 1000000. See: alexnet quantize --help"
    )]
    [InlineData(
        "quantize run --method best",
        "--method: 'best' is not one of minmax, percentile, entropy. See: alexnet quantize --help"
    )]
    [InlineData("inspect a --json=maybe", "--json: 'maybe' is neither true nor false. See: alexnet inspect --help")]
    [InlineData(
        "completion ksh",
        "<shell>: 'ksh' is not one of bash, zsh, fish, pwsh. Did you mean zsh? See: alexnet completion --help"
    )]
    [InlineData("inspect", "<file> is missing. See: alexnet inspect --help")]
    [InlineData("convert a", "<to> is missing. See: alexnet convert --help")]
    [InlineData("pack photos", "<dir> is missing. See: alexnet pack --help")]
    [InlineData("pack a b --side 0", "--side: '0' is not a whole number from 1 to 4096. See: alexnet pack --help")]
    [InlineData(
        "pack a b --raw --quality 80",
        "--raw and --quality exclude each other. Use one of them. See: alexnet pack --help"
    )]
    [InlineData("train --output ''", "--output: the value is empty. See: alexnet train --help")]
    [InlineData("train ''", "<source>: is empty. See: alexnet train --help")]
    [InlineData("predict run a.jpg ''", "<image>: is empty. See: alexnet predict --help")]
    public void Wrong_usage_is_one_line(string args, string expected)
    {
        Outcome outcome = Alexnet.Run([
            .. args.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(a => a == "''" ? "" : a),
        ]);
        Assert.Equal((2, "", expected), (outcome.Code, outcome.Output, outcome.ErrorLine));
    }

    [Fact]
    public void An_unknown_model_names_those_there_are()
    {
        Outcome outcome = Alexnet.Run("summary", "lenet");
        Assert.Equal(1, outcome.Code);
        Assert.Equal(
            $"'lenet' is not one of the models ({string.Join(", ", Zoo.Names)}), and not a saved model.",
            outcome.ErrorLine
        );
        outcome = Alexnet.Run("train", "--model", "lenet");
        Assert.Equal(1, outcome.Code);
        Assert.Equal($"'lenet' is not one of the models ({string.Join(", ", Zoo.Names)}).", outcome.ErrorLine);
    }

    [Theory]
    [InlineData("summary walkthrough --input 20", "walkthrough", 57)]
    [InlineData("compare paper --input 63", "paper", 64)]
    [InlineData("train --input 20", "small", 29)]
    [InlineData("train listing --input 152", "listing", 153)]
    [InlineData("train --recipe d2l --input 64", "d2l", 65)]
    [InlineData("train --model owt --input 1", "owt", 63)]
    public void Too_small_an_input_names_the_models_smallest(string command, string model, int least)
    {
        string[] args = command.Split(' ');
        Outcome outcome = Alexnet.Run(args);
        Assert.Equal((1, ""), (outcome.Code, outcome.Output));
        Assert.Equal(
            $"input: {args[^1]} is too small for {model}, whose smallest input is {least}×{least} pixels.",
            outcome.ErrorLine
        );
        // One pixel more than refused is enough.
        Assert.Equal(0, Alexnet.Run("summary", model, "--input", $"{least}").Code);
    }

    [Fact]
    public void An_argument_that_begins_with_an_at_sign_is_a_file()
    {
        Outcome outcome = Alexnet.Run("inspect", "@nowhere");
        Assert.Equal((1, "@nowhere: cannot be read: no such file."), (outcome.Code, outcome.ErrorLine));
    }

    [Fact]
    public void Help_is_shown_beside_a_mistake()
    {
        Outcome outcome = Alexnet.Run("train", "--epoch", "3", "--help");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.Contains("--epochs", outcome.Output, StringComparison.Ordinal);
    }
}
