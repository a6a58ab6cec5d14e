namespace Lamina.Cli.Tests;

/// <summary>Precision, recall, F1, progress lines, error lines: small things with known answers.</summary>
public sealed class ReportTests
{
    [Fact]
    public void Precision_and_recall_of_a_worked_example()
    {
        // a: 8 of 10 found, 8 of 12 said; b: 6 of 10 found, 6 of 8 said; c: no images, never said.
        int[,] confusion =
        {
            { 8, 2, 0 },
            { 4, 6, 0 },
            { 0, 0, 0 },
        };
        IReadOnlyList<ClassReport> report = ClassReport.Of(["a", "b", "c"], confusion);
        Assert.Equal(8.0 / 12, report[0].Precision!.Value, 12);
        Assert.Equal(0.8, report[0].Recall!.Value, 12);
        Assert.Equal(8.0 / 11, report[0].F1!.Value, 12);
        Assert.Equal((0.75, 0.6), (report[1].Precision, report[1].Recall));
        Assert.Equal((null, null, null), (report[2].Precision, report[2].Recall, report[2].F1));
    }

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
    public void Top_names_the_best_and_of_equals_the_first()
    {
        float[] scores = [0.1f, 0.4f, 0.1f, 0.4f];
        Assert.Equal([1, 3, 0], Classifier.Top(scores, 3).Select(t => t.Index));
        Assert.Equal(1, Classifier.ArgMax(scores));
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
