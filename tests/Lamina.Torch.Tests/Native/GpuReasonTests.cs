using Lamina.Torch;

namespace Lamina.Tests.Native;

/// <summary>Each reason why no GPU can be used, on machines that do not exist.</summary>
public sealed class GpuReasonTests
{
    private static readonly GpuInfo s_h100 = new(0, "NVIDIA H100", 80L << 30, new Version(9, 0));
    private static readonly GpuInfo s_pascal = new(1, "GeForce GTX 1080", 8L << 30, new Version(6, 1));
    private static readonly GpuInfo s_kepler = new(0, "Tesla K40", 12L << 30, new Version(3, 5));
    private static readonly LibtorchFolder s_cpu = new("/app", LibtorchOrigin.Program, HasCuda: false);
    private static readonly LibtorchFolder s_cuda = new("/torch/lib", LibtorchOrigin.PyTorch, HasCuda: true)
    {
        Version = "2.11.0+cu130",
        Cuda = new Version(13, 0),
    };

    private static GpuSurvey Machine(params GpuInfo[] gpus) => new(true, new Version(13, 0), gpus);

    [Fact]
    public void No_driver()
    {
        string reason = Check(GpuReason.Of(GpuSurvey.NoDriver, s_cpu, null));
        Assert.Contains("driver", reason, StringComparison.Ordinal);
        Assert.Contains(CudaDriver.File, reason, StringComparison.Ordinal);
        // The driver is the first thing to see to, whatever libtorch is there.
        Assert.Equal(reason, GpuReason.Of(GpuSurvey.NoDriver, s_cuda, null));
    }

    [Fact]
    public void A_driver_that_fails_or_finds_nothing()
    {
        Assert.Contains(
            "error 804",
            Check(GpuReason.Of(Machine() with { Failure = 804 }, s_cuda, null)),
            StringComparison.Ordinal
        );
        string none = Check(GpuReason.Of(Machine() with { Failure = 100 }, s_cuda, null));
        Assert.Contains("CUDA_VISIBLE_DEVICES", none, StringComparison.Ordinal);
        Assert.Equal(none, GpuReason.Of(Machine(), s_cuda, null));
    }

    [Fact]
    public void A_libtorch_for_CPUs_and_what_was_found_instead()
    {
        string alone = Check(GpuReason.Of(Machine(s_h100), s_cpu, null));
        Assert.StartsWith(
            "the libtorch in /app computes on CPUs only. Install PyTorch",
            alone,
            StringComparison.Ordinal
        );
        var old = new LibtorchFolder("/usr/lib/torch", LibtorchOrigin.PyTorch, false) { Version = "1.13.0a0" };
        Assert.Contains(
            "PyTorch 1.13.0a0 in /usr/lib/torch is too old",
            Check(GpuReason.Of(Machine(s_h100), s_cpu, old)),
            StringComparison.Ordinal
        );
        LibtorchFolder other = old with { Version = "2.11.0+cpu" };
        Assert.Contains(
            "and so does PyTorch in /usr/lib/torch",
            Check(GpuReason.Of(Machine(s_h100), s_cpu, other)),
            StringComparison.Ordinal
        );
        LibtorchFolder chosen = s_cpu with { Origin = LibtorchOrigin.Variable };
        Assert.StartsWith(
            "LAMINA_LIBTORCH is /app, whose libtorch computes on CPUs only.",
            Check(GpuReason.Of(Machine(s_h100), chosen, null)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_driver_older_than_the_library()
    {
        GpuSurvey old = Machine(s_h100) with { Cuda = new Version(12, 4) };
        Assert.Contains("supports CUDA 12.4", Check(GpuReason.Of(old, s_cuda, null)), StringComparison.Ordinal);
        // Drivers run programs for any release of the same CUDA version.
        Assert.Null(GpuReason.Of(old, s_cuda with { Cuda = new Version(12, 9) }, null));
        Assert.Null(GpuReason.Of(old, s_cuda with { Cuda = null }, null));
    }

    [Fact]
    public void A_card_that_is_too_old()
    {
        string reason = Check(GpuReason.Of(Machine(s_pascal with { Index = 0 }), s_cuda, null));
        Assert.Contains("compute capability 6.1", reason, StringComparison.Ordinal);
        Assert.Contains("CUDA 12.6", reason, StringComparison.Ordinal);
        Assert.Null(GpuReason.Of(Machine(s_pascal), s_cuda with { Cuda = new Version(12, 6) }, null));
        Assert.EndsWith(
            "Use a newer GPU.",
            Check(GpuReason.Of(Machine(s_kepler), s_cuda, null)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void One_usable_card_is_enough_and_the_others_say_why_not()
    {
        GpuSurvey machine = Machine(s_h100, s_pascal);
        Assert.Null(GpuReason.Of(machine, s_cuda, null));
        Assert.Null(GpuReason.OfIndex(0, machine, s_cuda));
        Assert.Contains(
            "compute capability 6.1",
            Check(GpuReason.OfIndex(1, machine, s_cuda)),
            StringComparison.Ordinal
        );
        Assert.Equal(
            "this machine has 2 GPU(s). Use cuda:0, cuda:1, or cpu.",
            Check(GpuReason.OfIndex(7, machine, s_cuda))
        );
    }

    private static string Check(string? reason)
    {
        Assert.NotNull(reason);
        Assert.DoesNotContain('\n', reason);
        Assert.EndsWith(".", reason, StringComparison.Ordinal);
        return reason;
    }
}
