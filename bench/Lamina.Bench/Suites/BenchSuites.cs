namespace Lamina.Bench;

/// <summary>What there is to measure, in the page's order.</summary>
internal static class BenchSuites
{
    public static IReadOnlyList<Suite> All { get; } =
    [
        new MachineSuite(),
        SpeedSuite.Training(),
        SpeedSuite.Inference(),
        new StartupSuite(),
        new ScalingSuite(),
        new ThreadsSuite(),
        new ConvolutionsSuite(),
        new LoaderSuite(),
        new RanksSuite(),
        new FormatsSuite(),
    ];
}
