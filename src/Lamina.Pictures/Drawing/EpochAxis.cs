using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Lamina.Drawing;

/// <summary>A horizontal axis of whole epochs.</summary>
internal static class EpochAxis
{
    private const double Margin = 0.03;

    /// <summary>Sets ticks at a step of 1, 2 or 5 times a power of ten, at most ten of them, and the limits.</summary>
    public static void Set(Plot plot, int first, int last)
    {
        int step = 1;
        for (int i = 0; (last - first) / step >= 10; i++)
        {
            step = i % 3 == 1 ? step / 2 * 5 : step * 2;
        }
        var ticks = new NumericManual();
        int start = step == 1 ? first : (first + step - 1) / step * step;
        for (int epoch = start; epoch <= last; epoch += step)
        {
            ticks.AddMajor(epoch, epoch.ToString(CultureInfo.InvariantCulture));
        }
        plot.Axes.Bottom.TickGenerator = ticks;
        double margin = first == last ? 1 : Margin * (last - first);
        plot.Axes.SetLimitsX(first - margin, last + margin);
    }
}
