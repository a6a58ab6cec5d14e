using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Lamina.Gpu.Driver;
using Lamina.Gpu.Ptx;

namespace Lamina.Gpu.Tests;

/// <summary>PTX is made on machines without CUDA.</summary>
public sealed partial class PtxTests
{
    public static TheoryData<string> Kernels => [.. KernelCatalog.All.Select(k => k.Name)];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Every_kernel_compiles_to_PTX(string name)
    {
        using var compiler = new PtxCompiler();
        PtxKernel kernel = compiler.Compile(KernelCatalog.Get(name));
        Assert.Contains(".target sm_80", kernel.Text, StringComparison.Ordinal);
        Assert.Contains($".visible .entry {kernel.Name}(", kernel.Text, StringComparison.Ordinal);
        Assert.Contains("st.global", kernel.Text, StringComparison.Ordinal);
        // No 64-bit floating point, in which most GPUs are slow.
        Assert.DoesNotContain(".f64", kernel.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Functions_become_single_instructions()
    {
        using var compiler = new PtxCompiler();
        Assert.Contains(
            "ex2.approx",
            compiler.Compile(KernelCatalog.Get("CrossEntropy.Rows")).Text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "lg2.approx",
            compiler.Compile(KernelCatalog.Get("LocalResponse.Forward")).Text,
            StringComparison.Ordinal
        );
        Assert.Contains("sqrt", compiler.Compile(KernelCatalog.Get("Update.Adam")).Text, StringComparison.Ordinal);
        Assert.Contains(
            "bar.sync",
            compiler.Compile(KernelCatalog.Get("CrossEntropy.Rows")).Text,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Parameters_are_laid_out_as_they_are_launched(string name)
    {
        using var compiler = new PtxCompiler();
        KernelSource source = KernelCatalog.Get(name);
        string text = compiler.Compile(source).Text;
        // A number has 4 bytes, a view its address and length, a structure its size in C#.
        int[] expected =
        [
            .. source
                .Method.GetParameters()
                .Select(p =>
                    p.ParameterType == typeof(ILGPU.Index1D) || p.ParameterType == typeof(int) ? 4
                    : p.ParameterType.IsGenericType ? Marshal.SizeOf<CudaView>()
                    : Marshal.SizeOf(p.ParameterType)
                ),
        ];
        int[] actual =
        [
            .. Parameter()
                .Matches(text)
                .Select(m => int.Parse(m.Groups[1].Success ? m.Groups[1].Value : "4", CultureInfo.InvariantCulture)),
        ];
        Assert.Equal(expected, actual);
    }

    [GeneratedRegex(@"\.param (?:\.b32 \w+|\.align \d+ \.b8 \w+\[(\d+)\])")]
    private static partial Regex Parameter();
}
