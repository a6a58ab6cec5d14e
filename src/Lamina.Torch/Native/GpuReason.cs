using System.Globalization;

namespace Lamina.Torch;

/// <summary>The reason why GPUs cannot be used, with what to do about it, in one line.</summary>
internal static class GpuReason
{
    private const int NoDevice = 100;
    private const string GetPyTorch =
        "Install PyTorch 2.10 or newer for CUDA, or set LAMINA_LIBTORCH to the torch/lib folder of one.";

    /// <summary>Returns the first obstacle to using any GPU; <see langword="null"/> if one can be used.</summary>
    /// <param name="machine">The GPUs.</param>
    /// <param name="chosen">The libtorch that would be used for CUDA.</param>
    /// <param name="installed">The installed PyTorch, if one was searched for and found.</param>
    public static string? Of(GpuSurvey machine, LibtorchFolder chosen, LibtorchFolder? installed)
    {
        if (OfMachine(machine) is { } obstacle)
        {
            return obstacle;
        }
        if (!chosen.HasCuda)
        {
            return OfCpuOnly(chosen, installed);
        }
        if (chosen.Cuda is { } needed && machine.Cuda.Major < needed.Major)
        {
            return Invariant(
                $"the driver supports CUDA {machine.Cuda}, but the libtorch in {chosen.Path} needs CUDA {needed.Major}. Update the driver, or install PyTorch for CUDA {machine.Cuda.Major}."
            );
        }
        return machine.Gpus.All(g => OfCard(g, chosen) is not null) ? OfCard(machine.Gpus[0], chosen) : null;
    }

    /// <summary>Returns why one GPU cannot be used although others can; <see langword="null"/> if it can.</summary>
    public static string? OfIndex(int index, GpuSurvey machine, LibtorchFolder chosen)
    {
        if (index < machine.Gpus.Count)
        {
            return OfCard(machine.Gpus[index], chosen);
        }
        string names = string.Join(", ", machine.Gpus.Select(g => Invariant($"cuda:{g.Index}")));
        return Invariant($"this machine has {machine.Gpus.Count} GPU(s). Use {names}, or cpu.");
    }

    private static string? OfMachine(GpuSurvey machine)
    {
        if (!machine.IsInstalled)
        {
            return $"NVIDIA's driver ({CudaDriver.File}) was not found. If the machine has an NVIDIA GPU, install its driver.";
        }
        if (machine.Failure is not (0 or NoDevice))
        {
            return Invariant(
                $"NVIDIA's driver failed with error {machine.Failure}. Run nvidia-smi; restart the machine if the driver was updated."
            );
        }
        return machine.Gpus.Count == 0
            ? "NVIDIA's driver finds no GPU. Check that CUDA_VISIBLE_DEVICES does not hide it and that a container may use it."
            : null;
    }

    private static string OfCpuOnly(LibtorchFolder chosen, LibtorchFolder? installed)
    {
        if (chosen.Origin == LibtorchOrigin.Variable)
        {
            return $"LAMINA_LIBTORCH is {chosen.Path}, whose libtorch computes on CPUs only. Set it to the torch/lib folder of PyTorch 2.10 or newer for CUDA.";
        }
        string found = installed switch
        {
            { IsTooOld: true } => $", and PyTorch {installed.Version} in {installed.Path} is too old",
            { HasCuda: false } => $", and so does PyTorch in {installed.Path}",
            _ => "",
        };
        return $"the libtorch in {chosen.Path} computes on CPUs only{found}. {GetPyTorch}";
    }

    /// <summary>Returns why a card is too old for the kernels of a libtorch; <see langword="null"/> if it is not.</summary>
    private static string? OfCard(GpuInfo gpu, LibtorchFolder chosen)
    {
        // The cards that PyTorch's own builds contain kernels for: CUDA 13 has dropped those before Turing, and so have the
        // builds for CUDA 12.8 and 12.9.
        var needed = chosen.Cuda >= new Version(12, 8) ? new Version(7, 5) : new Version(5, 0);
        return gpu.Capability >= needed ? null
            : gpu.Capability >= new Version(5, 0)
                ? $"{gpu.Name} has compute capability {gpu.Capability}, and this libtorch needs {needed}. Install PyTorch for CUDA 12.6, or use a newer GPU."
            : $"{gpu.Name} has compute capability {gpu.Capability}, and libtorch needs {needed}. Use a newer GPU.";
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
