using System.Reflection;

namespace Lamina.Serving;

/// <summary>The server's metadata: its name, version and extensions.</summary>
internal sealed class ServerMetadata(ServingOptions options)
{
    public string Name => options.ServerName;

    public string Version { get; } =
        typeof(ServerMetadata).Assembly.GetCustomAttribute<AssemblyFileVersionAttribute>()!.Version[..^2];

    /// <summary>The extensions of the protocol that the server has.</summary>
    public IReadOnlyList<string> Extensions =>
        [
            "binary_tensor_data",
            "classification",
            "model_configuration",
            .. options.AllowModelControl ? ["model_repository"] : Array.Empty<string>(),
            "parameters",
            "schedule_policy",
            "statistics",
        ];
}
