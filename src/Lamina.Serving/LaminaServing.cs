using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Lamina.Serving;

/// <summary>Adds the server to an ASP.NET Core host.</summary>
public static class LaminaServing
{
    /// <summary>Adds the services of the server. Models are loaded when the host starts.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>A builder to which models are added.</returns>
    public static ServingBuilder AddLaminaServing(
        this IServiceCollection services,
        Action<ServingOptions>? configure = null
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = new ServingOptions();
        configure?.Invoke(options);
        options.Validate();
        var builder = new ServingBuilder(options);
        services.AddRouting();
        services.AddSingleton(options);
        services.AddSingleton(builder.Source);
        services.AddSingleton<ModelRegistry>();
        services.AddSingleton<ServerMetadata>();
        services.AddSingleton<RequestPreparer>();
        services.AddSingleton<InferenceRunner>();
        services.AddSingleton<BufferedBytes>();
        services.AddSingleton<BodyReader>();
        services.AddSingleton<ModelControl>();
        services.AddSingleton<RestApi>();
        services.AddSingleton<PrometheusMetrics>();
        services.AddSingleton<PageApi>();
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = (int)options.MaxRequestBytes;
            grpc.MaxSendMessageSize = null;
        });
        services.AddSingleton<ModelLoading>();
        services.AddHostedService(provider => provider.GetRequiredService<ModelLoading>());
        return builder;
    }

    /// <summary>
    /// Maps the protocol: REST below <c>/v2</c>, the gRPC service <c>inference.GRPCInferenceService</c>, and metrics for
    /// Prometheus at <c>/metrics</c>.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <returns>The endpoints, to which policies such as authorization and rate limits can be added.</returns>
    public static IEndpointConventionBuilder MapLaminaServing(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        RouteGroupBuilder all = endpoints.MapGroup("");
        RouteGroupBuilder rest = all.MapGroup("/v2");
        endpoints.ServiceProvider.GetRequiredService<RestApi>().Map(rest);
        rest.MapFallback("{**path}", RestApi.NotFoundAsync);
        CountedBody.Apply(all.MapGrpcService<GrpcApi>(), endpoints.ServiceProvider.GetRequiredService<BufferedBytes>());
        all.MapGet("/metrics", endpoints.ServiceProvider.GetRequiredService<PrometheusMetrics>().WriteAsync);
        return all;
    }

    /// <summary>
    /// Maps the page on which people try the models with images: <c>/</c>, and what it needs below <c>/page</c>. It uses the
    /// protocol, so <see cref="MapLaminaServing"/> must be called on the same application or group.
    /// </summary>
    /// <param name="endpoints">The application, or a group of it.</param>
    /// <param name="options">The options of the page; <see langword="null"/> for the defaults.</param>
    /// <returns>The endpoints, to which policies such as authorization and rate limits can be added.</returns>
    public static IEndpointConventionBuilder MapLaminaPage(
        this IEndpointRouteBuilder endpoints,
        PageOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        RouteGroupBuilder all = endpoints.MapGroup("");
        endpoints.ServiceProvider.GetRequiredService<PageApi>().Map(all, options ?? new PageOptions());
        return all;
    }
}
