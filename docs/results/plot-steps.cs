// Draws a training's loss and accuracy by step from a CSV (epoch, step, loss, accuracy of the steps since the row before).
//   dotnet run docs/results/plot-steps.cs -- STEPS.csv STEPS_PER_EPOCH OUT.png

#:package ScottPlot@5.1.59
#:package SkiaSharp@3.119.4
#:package SkiaSharp.HarfBuzz@3.119.4
#:package HarfBuzzSharp.NativeAssets.Linux@8.3.1.5
#:package SkiaSharp.NativeAssets.Linux.NoDependencies@3.119.4
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
#:property EnforceCodeStyleInBuild=false
#:property ManagePackageVersionsCentrally=false

using System.Globalization;
using ScottPlot;

double[][] rows =
[
    .. File.ReadLines(args[0])
        .Skip(1)
        .Select(l => (double[])[.. l.Split(',').Select(c => double.Parse(c, CultureInfo.InvariantCulture))]),
];
double perEpoch = double.Parse(args[1], CultureInfo.InvariantCulture);
double[] images = [.. rows.Select(r => r[0] - 1 + (r[1] / perEpoch))];

var plot = new Multiplot();
plot.AddPlots(2);
plot.Layout = new ScottPlot.MultiplotLayouts.Columns();
Draw(plot.GetPlot(0), "loss", 2);
Draw(plot.GetPlot(1), "accuracy", 3);
plot.SavePng(args[2], 900, 340);

void Draw(Plot panel, string name, int column)
{
    var line = panel.Add.ScatterLine(images, [.. rows.Select(r => r[column])]);
    line.LineWidth = 2;
    panel.Title($"training {name}, means of 10 steps");
    panel.XLabel("epochs");
    panel.Axes.SetLimitsY(0, name == "loss" ? 2.5 : 1);
}
