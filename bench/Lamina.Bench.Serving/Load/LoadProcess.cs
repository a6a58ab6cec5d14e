using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Lamina.Bench.Serving;

/// <summary>Runs clients in a process of their own, so that their garbage is not the server's.</summary>
internal static class LoadProcess
{
    /// <summary>Runs a plan and returns what the clients saw.</summary>
    public static async Task<LoadResult> RunAsync(LoadTarget target, LoadPlan plan)
    {
        string program = Path.Combine(AppContext.BaseDirectory, typeof(LoadProcess).Assembly.GetName().Name + ".dll");
        string[] arguments = [program, "load", JsonSerializer.Serialize(target), JsonSerializer.Serialize(plan)];
        using Process process = Process.Start(
            new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true }
        )!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<LoadResult>(output)!
            : throw new LaminaException(
                string.Create(CultureInfo.InvariantCulture, $"the clients' process ended with {process.ExitCode}.")
            );
    }

    /// <summary>Is that process.</summary>
    public static int Run(string target, string plan)
    {
        LoadTarget to = JsonSerializer.Deserialize<LoadTarget>(target)!;
        Func<LoadClient> create;
        if (to.Client != ClientKind.Rest)
        {
            Lamina.Serving.Grpc.ModelInferRequest message = LoadRequests.Grpc(to.Model, to.Size, to.Timeout);
            create =
                to.Client == ClientKind.Grpc
                    ? () => new SocketGrpcClient(to.Address, message)
                    : () => new GrpcClient(to.Address, message);
        }
        else
        {
            byte[] request = LoadRequests.Rest(to.Address, to.Model, to.Size, to.Timeout);
            create = () => new RestClient(to.Address, request);
        }
        Console.WriteLine(
            JsonSerializer.Serialize(new LoadRun(JsonSerializer.Deserialize<LoadPlan>(plan)!, create).Run())
        );
        return 0;
    }
}

/// <summary>What clients ask, and of whom.</summary>
/// <param name="Address">The server.</param>
/// <param name="Client">The kind of clients.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Size">The height and width of its images.</param>
/// <param name="Timeout">The requests' timeout in microseconds; 0 for none.</param>
internal sealed record LoadTarget(Uri Address, ClientKind Client, string Model, int Size, long Timeout = 0);

/// <summary>How clients speak.</summary>
internal enum ClientKind
{
    /// <summary>HTTP/1.1 over sockets.</summary>
    Rest,

    /// <summary>gRPC over sockets.</summary>
    Grpc,

    /// <summary>gRPC by .NET's client, which needs more processor time than the server does.</summary>
    GrpcDotnet,
}
