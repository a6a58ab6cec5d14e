using System.Diagnostics;

namespace Lamina.Gpu.Checks;

/// <summary>The images per second of the walkthrough at 224, as compare.py measures PyTorch.</summary>
internal static class Speed
{
    private const int Size = 224;

    /// <summary>Measures training and inference.</summary>
    public static void Run(Report report, Device device)
    {
        bool isGpu = device.Kind == DeviceKind.Cuda;
        ComputePrecision precision = isGpu ? ComputePrecision.BFloat16 : ComputePrecision.Float32;
        foreach (int batch in isGpu ? [1024, 128] : (int[])[2])
        {
            Line(report, $"train, {precision}, batch {batch}", batch, Train(device, precision, batch, isGpu));
        }
        foreach (int batch in isGpu ? [1024, 32, 1] : (int[])[1])
        {
            Line(report, $"infer, {precision}, batch {batch}", batch, Infer(device, precision, batch, isGpu));
        }
    }

    private static void Line(Report report, string what, int batch, double seconds) =>
        report.Note(FormattableString.Invariant($"{what}: {batch / seconds:N0} images/s"));

    private static double Train(Device device, ComputePrecision precision, int batch, bool isGpu)
    {
        Model model = Zoo.Build("walkthrough");
        using CompiledModel compiled = model.Compile(
            new Sgd(0.001, momentum: 0.9),
            "sparse_categorical_crossentropy",
            device: device,
            precision: precision
        );
        var x = new NDArray([batch, Size, Size, 3]);
        var y = new NDArray([batch]);
        return Median(() => model.TrainOnBatch(x, y), isGpu ? 10 : 1);
    }

    private static double Infer(Device device, ComputePrecision precision, int batch, bool isGpu)
    {
        Model model = Zoo.Build("walkthrough");
        var x = new NDArray([batch, Size, Size, 3]);
        return Median(() => model.Predict(x, batch, device, precision), isGpu ? 10 : 1);
    }

    // Each call returns values to the host, so that the work is done when it returns.
    private static double Median(Action step, int rounds)
    {
        step();
        step();
        double[] seconds =
        [
            .. Enumerable
                .Range(0, rounds)
                .Select(_ =>
                {
                    long start = Stopwatch.GetTimestamp();
                    step();
                    return Stopwatch.GetElapsedTime(start).TotalSeconds;
                })
                .Order(),
        ];
        return seconds[seconds.Length / 2];
    }
}
