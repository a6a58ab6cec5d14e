using Lamina;
using Lamina.Gpu.Checks;

// gpu-checks PART DEVICE: runs one part of the checks on a device, prints its measurements, and exits with 1 if one is wrong.
Dictionary<string, Action<Report, Device>> parts = new(StringComparer.Ordinal)
{
    ["kernels"] = KernelChecks.Run,
    ["step"] = TrainingChecks.Steps,
    ["accuracy"] = TrainingChecks.Accuracy,
    ["resume"] = TrainingChecks.Resume,
    ["faults"] = FaultChecks.Run,
    ["speed"] = Speed.Run,
};
if (args is not [var part, var device] || !parts.TryGetValue(part, out Action<Report, Device>? run))
{
    Console.Error.WriteLine($"usage: gpu-checks {string.Join('|', parts.Keys)} cuda|cpu|portable");
    return 2;
}
var report = new Report(Console.Out);
try
{
    run(report, Device.Parse(device));
}
catch (LaminaException e)
{
    report.Fail(e.Message);
}
return report.HasFailed ? 1 : 0;
