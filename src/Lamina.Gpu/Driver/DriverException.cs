namespace Lamina.Gpu.Driver;

/// <summary>The error if a function of NVIDIA's driver fails.</summary>
/// <param name="function">The function.</param>
/// <param name="code">Its result, as cuda.h names them.</param>
internal sealed class DriverException(string function, int code)
    : LaminaException($"{function} of NVIDIA's driver failed with error {code}.")
{
    /// <summary>The result of the function.</summary>
    public int Code { get; } = code;
}
