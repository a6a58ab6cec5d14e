using Lamina.Serving;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LaminaClassifier;

/// <summary>Serves the classifier over the Open Inference Protocol, in this application's own host.</summary>
internal static class Server
{
    /// <summary>Runs until Ctrl-C: HTTP on a port, gRPC on the next one.</summary>
    public static async Task<int> RunAsync(string run, int port, CancellationToken stop)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.ListenLocalhost(port, http => http.Protocols = HttpProtocols.Http1);
            options.ListenLocalhost(port + 1, grpc => grpc.Protocols = HttpProtocols.Http2);
        });
        builder
            .Services.AddLaminaServing(options => options.Batching = new BatchingOptions { MaxBatch = 16 })
            .AddRun(run, name: "classifier");
        await using WebApplication app = builder.Build();
        app.MapLaminaServing();
        await app.StartAsync(stop);
        Console.WriteLine($"serving at http://localhost:{port}, gRPC at localhost:{port + 1}; Ctrl-C ends it");
        await app.WaitForShutdownAsync(stop);
        return 0;
    }
}
