using static Lamina.Layers;

namespace Lamina.Gpu.Checks;

/// <summary>Faults, each of which must be one line that says what to do.</summary>
internal static class FaultChecks
{
    /// <summary>Runs the checks.</summary>
    public static void Run(Report report, Device device)
    {
        NDArray x = Subject.Quarters(4, seed: 1, batch: 4).Batches(0).First().Inputs[0];
        Expect(report, "no such GPU", () => Subject.Network().Predict(x, device: Device.Cuda(99)));
        if (device.Kind == DeviceKind.Cuda)
        {
            // 2 TB of activations.
            Symbol input = Input(1024, 1024, 4);
            Model large = Model(input, Conv2D(131_072, 1)(input));
            Expect(report, "out of memory", () => large.Predict(new NDArray([1, 1024, 1024, 4]), device: device));
        }
        else
        {
            report.Note("out of memory: left out, without a GPU");
        }
        NDArray y = Subject.Network().Predict(x, device: device);
        report.Check(y.Values.ToArray().All(float.IsFinite), $"a prediction on {device} after the faults");
    }

    private static void Expect(Report report, string what, Action action)
    {
        try
        {
            action();
            report.Fail($"{what}: nothing was thrown");
        }
        catch (TorchException e)
        {
            report.Check(!e.Message.Contains('\n', StringComparison.Ordinal), $"{what}: {e.Message}");
        }
    }
}
