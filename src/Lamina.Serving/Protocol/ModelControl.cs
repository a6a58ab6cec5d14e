using Lamina.Serving.Grpc;

namespace Lamina.Serving;

/// <summary>Triton's model repository extension; every call is refused unless the server's owner allows it.</summary>
internal sealed class ModelControl(ModelRegistry registry, ServingOptions options)
{
    /// <summary>Lists the models that are served or could be loaded.</summary>
    /// <exception cref="ServingException">Model control is off.</exception>
    public RepositoryIndexResponse Index(bool readyOnly)
    {
        RequireAllowed();
        return new RepositoryIndexResponse
        {
            Models =
            {
                registry
                    .Index(readyOnly)
                    .Select(entry => new RepositoryIndexResponse.Types.ModelIndex
                    {
                        Name = entry.Model.Name,
                        Version = entry.Version ?? "",
                        State = entry.Model.State.ToString().ToUpperInvariant(),
                        Reason = entry.Model.Reason,
                    }),
            },
        };
    }

    /// <summary>Loads or reloads a model.</summary>
    /// <exception cref="LaminaException">Model control is off, or the model cannot be loaded.</exception>
    public Task LoadAsync(string name, IEnumerable<string> parameters)
    {
        RequireAllowed();
        if (parameters.FirstOrDefault(p => p == "config" || p.StartsWith("file:", StringComparison.Ordinal)) is { } key)
        {
            throw new ServingException(
                ServingError.Unimplemented,
                $"parameter '{key}': models are loaded from the server's repository as they are there."
            );
        }
        return registry.LoadAsync(name);
    }

    /// <summary>Unloads a model.</summary>
    /// <exception cref="LaminaException">Model control is off, or the model is not loaded.</exception>
    public Task UnloadAsync(string name)
    {
        RequireAllowed();
        return registry.UnloadAsync(name);
    }

    private void RequireAllowed()
    {
        if (!options.AllowModelControl)
        {
            throw new ServingException(
                ServingError.Unimplemented,
                "model control is off. The server's owner can turn it on (alexnet serve --model-control)."
            );
        }
    }
}
