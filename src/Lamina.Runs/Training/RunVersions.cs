using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina.Runs.Training;

/// <summary>The versions that a run's numbers may depend on.</summary>
internal static class RunVersions
{
    private static readonly string s_program =
        "Lamina " + typeof(RunVersions).Assembly.GetCustomAttribute<AssemblyFileVersionAttribute>()!.Version[..^2];

    /// <summary>Returns those of the program.</summary>
    public static JsonObject OfProgram() =>
        new()
        {
            ["program"] = s_program,
            ["dotnet"] = Environment.Version.ToString(),
            ["libtorch_abi"] = TorchLibrary.AbiVersion.ToString("x16", CultureInfo.InvariantCulture),
        };

    /// <summary>Returns those of the program and of the machine.</summary>
    public static JsonObject Of()
    {
        JsonObject versions = OfProgram();
        versions["os"] = RuntimeInformation.OSDescription;
        versions["cpu"] = $"{RuntimeInformation.ProcessArchitecture} {CpuName()}".TrimEnd();
        return versions;
    }

    private static string CpuName()
    {
        try
        {
            return File.ReadLines("/proc/cpuinfo")
                    .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
                    ?.Split(':', 2)[^1]
                    .Trim()
                ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "";
        }
    }
}
