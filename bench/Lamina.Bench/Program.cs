// Training and inference of the walkthrough model, in images a second and as a share of the rate at which the same
// libtorch multiplies matrices. Everything is measured in turn, round by round, and the medians are printed with their
// spread, because machines are noisy. Usage: dotnet run -c Release --project bench/Lamina.Bench -- [rounds] [input]
using System.Globalization;
using Lamina.Bench;

int rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5;
int input = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 224;

using var gemm = new MatrixProduct(4096);
int[] batches = [1, 32, 128];
List<Workload> workloads =
[
    .. batches.Select(b => new TrainingWorkload(input, b)),
    .. batches.Select(b => new InferenceWorkload(input, b)),
];

gemm.Measure();
List<double> rates = [];
foreach (int round in Enumerable.Range(0, rounds))
{
    foreach (Workload workload in workloads)
    {
        // The yardstick is taken right before and after each workload, so that a ratio compares neighbours in time.
        double before = gemm.Measure();
        double images = workload.Measure();
        double sgemm = (before + gemm.Measure()) / 2;
        rates.Add(sgemm);
        workload.Add(images, images * workload.FlopsPerImage / sgemm);
        Console.Error.WriteLine($"round {round + 1}/{rounds}: {workload.Name} {images:0.0} images/s");
    }
}

Console.WriteLine(
    $"walkthrough, input {input}, {Environment.ProcessorCount} cores, {rounds} rounds, medians (lowest–highest)"
);
Console.WriteLine($"sgemm 4096³: {Spread.Of(rates, 1e-9, "0")} GFLOP/s");
Console.WriteLine();
Console.WriteLine("| workload | images/s | share of sgemm's rate |");
Console.WriteLine("|---|---|---|");
foreach (Workload workload in workloads)
{
    Console.WriteLine(
        $"| {workload.Name} | {Spread.Of(workload.Images, 1, "0.0")} | {Spread.Of(workload.Shares, 100, "0")} % |"
    );
}
Console.WriteLine();
Console.WriteLine($"resident memory {Environment.WorkingSet >> 20} MB resident at the end");
