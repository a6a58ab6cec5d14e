using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using Lamina.Gpu.Driver;
using Lamina.Gpu.Kernels;
using Lamina.Gpu.Ptx;

namespace Lamina.Gpu.Checks;

/// <summary>Each kernel as PTX on the GPU, compared with the same method run on the CPU.</summary>
internal static class KernelChecks
{
    private const double RoundedOnce = 0.01;

    /// <summary>Compiles each kernel and, on a GPU, compares its results.</summary>
    public static void Run(Report report, Device device)
    {
        using var compiler = new PtxCompiler();
        if (device.Kind != DeviceKind.Cuda)
        {
            int characters = KernelCatalog.All.Sum(k => compiler.Compile(k).Text.Length);
            report.Check(
                characters > 0,
                FormattableString.Invariant(
                    $"{KernelCatalog.All.Count} kernels compile to {characters:N0} characters of PTX"
                )
            );
            int ran = KernelCase.All.Count(IsComputed);
            report.Check(
                ran == KernelCatalog.All.Count,
                FormattableString.Invariant($"{ran} kernels compute on the cpu")
            );
            report.Note("running the PTX: left out, without a GPU");
            return;
        }
        using var gpu = new CudaContext(device.Index);
        (double Distance, string Name) worst = (0, "none");
        foreach (KernelCase one in KernelCase.All)
        {
            KernelSource source = KernelCatalog.Get(one.Name);
            using var kernel = new CudaKernel(compiler.Compile(source));
            Array[] expected = OnCpu(source, one);
            Array[] actual = OnGpu(gpu, kernel, one);
            double distance = expected.Zip(actual).Max(p => Distance(p.First, p.Second));
            worst = distance >= worst.Distance ? (distance, one.Name) : worst;
            if (!(distance <= RoundedOnce))
            {
                report.AtMost(one.Name, distance, RoundedOnce);
            }
        }
        report.AtMost(
            FormattableString.Invariant(
                $"{KernelCase.All.Count} kernels on {device} and cpu, the worst being {worst.Name}"
            ),
            worst.Distance,
            RoundedOnce
        );
    }

    // What a GPU's results are compared with: finite numbers, some of which the kernel has written.
    private static bool IsComputed(KernelCase one)
    {
        Array[] before = [.. one.Arguments.OfType<Array>()];
        Array[] after = OnCpu(KernelCatalog.Get(one.Name), one);
        return after.All(a => Doubles(a).All(double.IsFinite))
            && before.Zip(after).Any(p => !Doubles(p.First).SequenceEqual(Doubles(p.Second)));
    }

    private static Array[] OnGpu(CudaContext gpu, CudaKernel kernel, KernelCase one)
    {
        List<(CudaBuffer Buffer, Array Values)> buffers = [];
        try
        {
            byte[][] arguments =
            [
                .. one.Arguments.Select(a =>
                {
                    if (a is not Array values)
                    {
                        return Bytes(a);
                    }
                    var buffer = CudaBuffer.Of(values);
                    buffers.Add((buffer, (Array)values.Clone()));
                    return Bytes(new CudaView(buffer.Address, values.Length));
                }),
            ];
            if (one.Threads > 0)
            {
                kernel.LaunchGroups(one.Count, one.Threads, 0, arguments);
            }
            else
            {
                kernel.Launch(one.Count, 0, arguments);
            }
            gpu.Synchronize();
            buffers.ForEach(b => b.Buffer.CopyTo(b.Values));
            return [.. buffers.Select(b => b.Values)];
        }
        finally
        {
            buffers.ForEach(b => b.Buffer.Dispose());
        }
    }

    // The memory of ILGPU's CPU accelerator is the process's own, so the method itself runs over it.
    private static Array[] OnCpu(KernelSource source, KernelCase one)
    {
        using var context = Context.Create(b => b.CPU());
        using CPUAccelerator cpu = context.CreateCPUAccelerator(0);
        List<IDisposable> owned = [];
        List<Func<Array>> results = [];
        object[] arguments =
        [
            .. one.Arguments.Select(a =>
                a switch
                {
                    ushort[] v => View(v),
                    float[] v => View(v),
                    int[] v => View(v),
                    byte[] v => View(v),
                    _ => a,
                }
            ),
        ];
        if (one.Threads > 0)
        {
            cpu.LoadStreamKernel<ArrayView<ushort>, ArrayView<int>, ArrayView<float>, CrossEntropyShape>(
                CrossEntropyKernels.Rows
            )(
                (one.Count, 8),
                (ArrayView<ushort>)arguments[0],
                (ArrayView<int>)arguments[1],
                (ArrayView<float>)arguments[2],
                (CrossEntropyShape)arguments[3]
            );
            cpu.Synchronize();
        }
        for (int i = 0; i < one.Count && one.Threads == 0; i++)
        {
            source.Method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [new Index1D(i), .. arguments], null);
        }
        Array[] values = [.. results.Select(r => r())];
        owned.ForEach(o => o.Dispose());
        return values;

        object View<T>(T[] values)
            where T : unmanaged
        {
            MemoryBuffer1D<T, Stride1D.Dense> buffer = cpu.Allocate1D(values);
            owned.Add(buffer);
            results.Add(() => buffer.GetAsArray1D());
            return buffer.View.BaseView;
        }
    }

    private static byte[] Bytes(object value)
    {
        var bytes = new byte[Marshal.SizeOf(value)];
        var handle = GCHandle.Alloc(bytes, GCHandleType.Pinned);
        Marshal.StructureToPtr(value, handle.AddrOfPinnedObject(), fDeleteOld: false);
        handle.Free();
        return bytes;
    }

    private static double Distance(Array expected, Array actual)
    {
        double[] a = Doubles(expected);
        double[] b = Doubles(actual);
        double most = Math.Max(a.Max(Math.Abs), 1e-3);
        // NaN on one side only is as far as can be.
        return a.Zip(b).Max(p => double.IsNaN(p.First - p.Second) ? double.MaxValue : Math.Abs(p.First - p.Second))
            / most;
    }

    private static double[] Doubles(Array values) =>
        values switch
        {
            ushort[] v => [.. v.Select(x => (double)BFloat.ToFloat(x))],
            float[] v => [.. v.Select(x => (double)x)],
            int[] v => [.. v.Select(x => (double)x)],
            byte[] v => [.. v.Select(x => (double)x)],
            _ => throw new InvalidOperationException($"{values.GetType()} is not a type of kernels."),
        };
}
