using Lamina.Torch.Devices;

namespace Lamina.Torch.Tests.Devices;

public sealed class DeviceSurveyTests
{
    private static readonly DeviceSurvey s_cpuOnly = new(
        "Some Processor",
        2,
        8L << 30,
        GpuSurvey.NoDriver,
        new LibtorchFolder("/app", LibtorchOrigin.Program, HasCuda: false),
        "2.10",
        null
    );

    [Fact]
    public void A_machine_without_a_GPU_says_why()
    {
        string[] lines = [.. s_cpuOnly.Lines()];
        Assert.Equal(
            ["cpu  Some Processor, 2 cores, 8.0 GiB", "libtorch 2.10 in /app (of this program; CPU only)"],
            lines[..2]
        );
        Assert.StartsWith("No GPU can be used: NVIDIA's driver (", Assert.Single(lines[2..]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_PyTorch_that_is_too_old_is_named()
    {
        var old = new LibtorchFolder("/torch/lib", LibtorchOrigin.PyTorch, false) { Version = "1.13.0a0" };
        Assert.Contains(
            "PyTorch 1.13.0a0 in /torch/lib (too old: 2.10 or newer is needed)",
            (s_cpuOnly with { Installed = old }).Lines()
        );
    }

    [Fact]
    public void Each_GPU_has_a_line()
    {
        GpuSurvey machine = new(
            true,
            new Version(13, 0),
            [
                new GpuInfo(0, "NVIDIA H200", 141L << 30, new Version(9, 0)),
                new GpuInfo(1, "GeForce GTX 1080", 8L << 30, new Version(6, 1)),
            ]
        );
        var torch = new LibtorchFolder("/torch/lib", LibtorchOrigin.PyTorch, HasCuda: true)
        {
            Version = "2.11.0+cu130",
            Cuda = new Version(13, 0),
        };
        DeviceSurvey survey = s_cpuOnly with
        {
            Machine = machine,
            Libtorch = torch,
            Version = "2.11.0+cu130",
            Installed = torch,
        };
        string[] lines = [.. survey.Lines()];
        Assert.Equal("cpu     Some Processor, 2 cores, 8.0 GiB", lines[0]);
        Assert.Equal("cuda:0  NVIDIA H200, compute capability 9.0, 141.0 GiB", lines[1]);
        Assert.StartsWith(
            "cuda:1  GeForce GTX 1080, compute capability 6.1, 8.0 GiB: cannot be used: ",
            lines[2],
            StringComparison.Ordinal
        );
        Assert.Equal("libtorch 2.11.0+cu130 in /torch/lib (an installed PyTorch; CUDA 13.0)", lines[3]);
        Assert.Equal(4, lines.Length);
    }
}
