namespace Lamina.Cli.Tests;

/// <summary>The command that lists devices, as a process of its own.</summary>
public sealed class DevicesTests : IDisposable
{
    private const string Variable = "LAMINA_LIBTORCH";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Outcome Run(params (string Name, string Value)[] variables) =>
        Alexnet.Finish(
            Alexnet.StartWith(
                [
                    new(Variable, ""),
                    new("XDG_CACHE_HOME", _folder.Root),
                    .. variables.Select(v => KeyValuePair.Create(v.Name, v.Value)),
                ],
                "dotnet",
                [Alexnet.Assembly, "devices"]
            )
        );

    [Fact]
    public void Without_a_GPU_it_names_the_processor_the_library_and_the_reason()
    {
        Assert.SkipWhen(ComputeDevices.Best() != Device.Cpu, "This machine has a GPU.");
        Outcome outcome = Run();
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        string[] lines = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches(@"^cpu  .+, \d+ cores?, \d+\.\d GiB$", lines[0]);
        Assert.Matches(@"^libtorch 2\.\d+ in .+ \(of this program; CPU only\)$", lines[1]);
        Assert.StartsWith("No GPU can be used: NVIDIA's driver (", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_none_is_one_line()
    {
        Outcome outcome = Run((Variable, "/no/such/folder"));
        Assert.Equal((1, ""), (outcome.Code, outcome.Output));
        Assert.StartsWith(
            "LAMINA_LIBTORCH is /no/such/folder, which is not a folder. Point it at",
            outcome.ErrorLine,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_library_that_is_too_old_for_the_stable_ABI_is_one_line()
    {
        const string debian = "/usr/lib/python3/dist-packages/torch/lib";
        string version = Path.Combine(debian, "../version.py");
        Assert.SkipUnless(
            File.Exists(version) && File.ReadAllText(version).Contains("'1.13.0a0'", StringComparison.Ordinal),
            "Debian's python3-torch 1.13 is not installed here."
        );
        Outcome outcome = Run((Variable, debian));
        Assert.Equal((1, ""), (outcome.Code, outcome.Output));
        Assert.Equal(
            $"libtorch in {debian} is too old: its version is 1.13.0a0. Lamina needs libtorch 2.10 or newer.",
            outcome.ErrorLine
        );
    }

    [Fact]
    public void A_PyTorch_that_Python_finds_is_named_and_asked_for_once()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-ins for Python and libtorch are those of Linux.");
        string lib = Directory.CreateDirectory(_folder["modules/torch/lib"]).FullName;
        File.WriteAllText(Path.Combine(lib, "libtorch_cpu.so"), "");
        File.WriteAllText(_folder["modules/torch/version.py"], "__version__ = '2.8.0+cpu'\ncuda = None\n");
        string bin = Directory.CreateDirectory(_folder["bin"]).FullName;
        string python = Path.Combine(bin, "python3");
        File.WriteAllText(
            python,
            $"#!/bin/sh\necho asked >> '{_folder["log"]}'\necho '[\"{_folder["modules/torch"]}\",\"{_folder["modules"]}\"]'\n"
        );
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(python, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        string path = $"{bin}:{Environment.GetEnvironmentVariable("PATH")}";
        for (int i = 0; i < 2; i++)
        {
            Outcome outcome = Run(("PATH", path));
            Assert.Equal((0, ""), (outcome.Code, outcome.Error));
            Assert.Contains(
                $"\nPyTorch 2.8.0+cpu in {lib} (too old: 2.10 or newer is needed)\n",
                outcome.Output,
                StringComparison.Ordinal
            );
        }
        Assert.Equal("asked\n", File.ReadAllText(_folder["log"]));
    }

    [Theory]
    [InlineData("train")]
    [InlineData("evaluate run")]
    [InlineData("predict run cat.jpg")]
    [InlineData("profile walkthrough")]
    public void Commands_refuse_names_that_are_no_device_or_precision(string command)
    {
        Outcome device = Alexnet.Run([.. command.Split(' '), "--device", "gpu"]);
        Assert.Equal((2, ""), (device.Code, device.Output));
        Assert.StartsWith(
            "--device: 'gpu' is not auto, cpu, cuda, or cuda:N with N from 0.",
            device.ErrorLine,
            StringComparison.Ordinal
        );
        Outcome precision = Alexnet.Run([.. command.Split(' '), "--precision", "float16"]);
        Assert.Equal((2, ""), (precision.Code, precision.Output));
        Assert.StartsWith(
            "--precision: 'float16' is not one of float32, tf32, bfloat16.",
            precision.ErrorLine,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_GPU_that_is_missing_is_one_line_and_nothing_is_written()
    {
        Assert.SkipWhen(ComputeDevices.Best() != Device.Cpu, "This machine has a GPU.");
        string data = _folder.WriteImages("data", perClass: 4);
        foreach (
            string[] command in (string[][])
                [
                    ["train", data, "--output", _folder["run"], "--device", "cuda:1"],
                    ["profile", "small", "--device", "cuda:1"],
                ]
        )
        {
            Outcome outcome = Alexnet.Run(command);
            Assert.Equal(1, outcome.Code);
            Assert.StartsWith("cuda:1 cannot be used: ", outcome.ErrorLine, StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public void A_profile_in_bfloat16_names_the_precision_of_its_kernels()
    {
        Outcome outcome = Alexnet.Run(
            "profile small --batch 2 --rounds 1 --seconds 0 --device portable --precision bfloat16".Split(' ')
        );
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.Contains(", bfloat16", outcome.Output, StringComparison.Ordinal);
    }
}
