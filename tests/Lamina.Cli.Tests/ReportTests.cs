using Lamina.Runs;

namespace Lamina.Cli.Tests;

/// <summary>Progress lines, error lines, results: small things with known answers.</summary>
public sealed class ReportTests
{
    [Fact]
    public void Errors_are_printed_as_the_papers_print_them()
    {
        int[,] confusion =
        {
            { 5, 3 },
            { 0, 8 },
        };
        var result = new Evaluation(["a", "b"], 0.5, TopFive: 14, confusion, Crops: 10);
        using var output = new StringWriter { NewLine = "\n" };
        EvaluationText.Write(new Terminal(output, TextWriter.Null), result);
        Assert.StartsWith(
            "images  16\nloss    0.5000\ncrops   10 of each image, averaged\n"
                + "top-1   81.25 %, error 18.75 %\ntop-5   87.50 %, error 12.50 %\n",
            output.ToString(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Progress_says_where_a_training_is()
    {
        var logs = new Dictionary<string, double> { ["loss"] = 0.51234, ["accuracy"] = 0.8 };
        var batch = new BatchLog(2, 12, 40, 79, 1280, 312.4, TimeSpan.FromSeconds(3725), logs);
        Assert.Equal(
            "epoch 3/12  step 40/79  312 images/s  1:02:05 left  loss 0.5123  accuracy 0.8000",
            ProgressLine.Of(batch)
        );
        var epoch = new EpochLog(11, 12, TimeSpan.FromSeconds(16.2), 308, logs);
        Assert.Equal("epoch 12/12  0:16  308 images/s  loss 0.5123  accuracy 0.8000", ProgressLine.Of(epoch));
    }

    [Fact]
    public void Errors_are_one_line_without_control_characters()
    {
        Assert.Equal("a b?c", ErrorLine.Of(new LaminaException("a\nb\ec\n")));
        string unexpected = ErrorLine.Of(new InvalidOperationException("odd"));
        Assert.Contains("InvalidOperationException", unexpected, StringComparison.Ordinal);
        Assert.Contains("LAMINA_TRACE=1", unexpected, StringComparison.Ordinal);
    }
}
