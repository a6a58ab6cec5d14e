using CsCheck;

namespace Lamina.Tests;

/// <summary>One axis of a sliding window.</summary>
internal sealed record Axis(int N, int Window, int Stride, int Before, int After, int Dilation)
{
    public int Counted => WindowCounting.Count(N, Window, Stride, Before, After, Dilation);
}

/// <summary>Generators of windows on images.</summary>
internal static class WindowGenerators
{
    public static Gen<Axis> Axes { get; } =
        Gen.Select(
            Gen.Int[1, 40],
            Gen.Int[1, 12],
            Gen.Int[1, 6],
            Gen.Int[0, 7],
            Gen.Int[0, 7],
            Gen.Int[1, 4],
            (n, window, stride, before, after, dilation) => new Axis(n, window, stride, before, after, dilation)
        );

    /// <summary>Batches: unknown, or known.</summary>
    public static Gen<int?> Batches { get; } = Gen.Int[0, 4].Select(n => n == 0 ? (int?)null : n);

    public static Pads2 Pads(Axis rows, Axis columns) => new(rows.Before, rows.After, columns.Before, columns.After);
}
