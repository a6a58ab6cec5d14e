using Microsoft.Extensions.Hosting;

namespace Lamina.Serving;

/// <summary>
/// Loads the models while the server already answers that it is live, and unloads them after the last request.
/// </summary>
internal sealed class ModelLoading(ModelRegistry registry, IHostApplicationLifetime lifetime) : IHostedService
{
    /// <summary>Ends when all models are ready; fails if one cannot be loaded.</summary>
    public Task Loaded { get; private set; } = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(registry.BeginStop);
        Loaded = registry.LoadAllAsync();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => registry.CloseAsync().WaitAsync(cancellationToken);
}
