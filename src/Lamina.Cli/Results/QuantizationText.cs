using Lamina.Runs;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>Formats the results of quantization.</summary>
internal static class QuantizationText
{
    private const double Megabyte = 1e6;

    /// <summary>Prints sizes and accuracies side by side.</summary>
    public static void Write(TextWriter output, QuantizationResult result, QuantizationMethod method)
    {
        output.WriteLine(Invariant($"calibrated    {result.CalibrationImages} images, {Name(method)}"));
        output.WriteLine("                 float32        int8");
        Row("size, MB", result.FloatBytes / Megabyte, result.Bytes / Megabyte, "F1");
        if (result is { FloatTest: { } before, Test: { } after })
        {
            Row("test top-1, %", 100 * before.Top1, 100 * after.Top1, "F2");
            Row("test top-5, %", 100 * before.Top5, 100 * after.Top5, "F2");
            Row("test loss", before.Loss, after.Loss, "F4");
            output.WriteLine(Invariant($"test images   {before.Count}"));
        }
        output.WriteLine($"file          {OneLine.Of(result.File)}");

        void Row(string name, double before, double after, string format) =>
            output.WriteLine($"{name, -14}{before.ToString(format, null), 10}{after.ToString(format, null), 12}");
    }

    private static string Name(QuantizationMethod method) =>
        method switch
        {
            QuantizationMethod.Percentile => "percentile",
            QuantizationMethod.Entropy => "entropy",
            _ => "min and max",
        };

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
