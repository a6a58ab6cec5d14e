namespace Lamina.Gpu.Checks;

/// <summary>Trainings on a device, compared with the same on the CPU.</summary>
internal static class TrainingChecks
{
    private const double SameAsFloat32 = 1e-4;
    private const double SameAsBFloat16 = 2e-2;

    /// <summary>Compares logits and the weights after one epoch, in float32 and in bfloat16.</summary>
    public static void Steps(Report report, Device device)
    {
        NDArray x = Subject.Quarters(16, seed: 3, batch: 16).Batches(0).First().Inputs[0];
        foreach ((ComputePrecision precision, double limit) in Precisions)
        {
            float[] expected = Subject.Network().PredictLogits(x, precision: precision).Values.ToArray();
            float[] actual = Subject.Network().PredictLogits(x, device: device, precision: precision).Values.ToArray();
            report.AtMost($"logits, {precision}, {device} and cpu", Subject.Distance(expected, actual), limit);
            float[] weights = Subject.Values(Subject.Train(Device.Cpu, precision, epochs: 1));
            float[] moved = Subject.Values(Subject.Train(device, precision, epochs: 1));
            report.AtMost($"weights after 12 steps, {precision}", Subject.Distance(weights, moved), 10 * limit);
            float[] again = Subject.Values(Subject.Train(device, precision, epochs: 1));
            report.Check(moved.SequenceEqual(again), $"the same bits a second time, {precision}");
        }
    }

    /// <summary>Compares the accuracy that a whole training reaches.</summary>
    public static void Accuracy(Report report, Device device)
    {
        const int epochs = 6;
        ArraySource test = Subject.Quarters(200, seed: 2, batch: 50);
        double reference = Subject.Train(Device.Cpu, ComputePrecision.Float32, epochs).Evaluate(test)["accuracy"];
        report.Check(reference > 0.9, FormattableString.Invariant($"accuracy on the cpu: {reference:F3}"));
        foreach ((ComputePrecision precision, _) in Precisions)
        {
            double reached = Subject.Train(device, precision, epochs).Evaluate(test)["accuracy"];
            report.AtMost(
                FormattableString.Invariant($"accuracy on {device} in {precision}: {reached:F3}, short of the cpu by"),
                reference - reached,
                0.03
            );
        }
    }

    /// <summary>Resumes a training on the same device to the same bits, and on the CPU and back.</summary>
    public static void Resume(Report report, Device device)
    {
        string root = Directory.CreateTempSubdirectory("lamina-gpu-").FullName;
        try
        {
            float[] whole = Continued(root, "whole", 3, device);
            Continued(root, "parts", 1, device);
            float[] parts = Continued(root, "parts", 3, device);
            report.Check(whole.SequenceEqual(parts), $"resumed on {device}: the same bits");
            foreach ((Device from, Device to) in ((Device, Device)[])[(device, Device.Cpu), (Device.Cpu, device)])
            {
                float[] stayed = Continued(root, $"on {to}".Replace(':', '-'), 3, to);
                string moving = $"from {from} to {to}".Replace(':', '-');
                Continued(root, moving, 1, from);
                float[] moved = Continued(root, moving, 3, to);
                // A difference in the last bits may change which of two equal values is a maximum.
                report.AtMost($"moved {moving}", Subject.Distance(stayed, moved), 100 * SameAsFloat32);
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static (ComputePrecision, double)[] Precisions =>
        [(ComputePrecision.Float32, SameAsFloat32), (ComputePrecision.BFloat16, SameAsBFloat16)];

    private static float[] Continued(string root, string name, int epochs, Device device)
    {
        Model model = Subject.Network();
        Subject.Compile(model, device, ComputePrecision.Float32);
        var backup = new BackupAndRestore(Path.Combine(root, name), deleteCheckpoint: false);
        model.Fit(Subject.Quarters(96, seed: 4, batch: 16), epochs, callbacks: [backup], verbose: 0);
        return Subject.Values(model);
    }
}
