using Grpc.Core;
using Lamina.Serving.Grpc;

namespace Lamina.Serving;

/// <summary>The generated service, bound with <see cref="InferRequestParser"/> for inference requests.</summary>
[BindServiceMethod(typeof(PooledService), nameof(Bind))]
internal abstract class PooledService : GRPCInferenceService.GRPCInferenceServiceBase
{
    /// <summary>
    /// Binds the methods; called by gRPC when the service is mapped, which looks for the methods in the parameter's type.
    /// </summary>
    public static void Bind(ServiceBinderBase binder, GRPCInferenceService.GRPCInferenceServiceBase? service) =>
        GRPCInferenceService.BindService(new PooledBinder(binder), service);

    private sealed class PooledBinder(ServiceBinderBase inner) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            UnaryServerMethod<TRequest, TResponse>? handler
        ) => inner.AddMethod(Pooled(method), handler);

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            DuplexStreamingServerMethod<TRequest, TResponse>? handler
        ) => inner.AddMethod(Pooled(method), handler);

        private static Method<TRequest, TResponse> Pooled<TRequest, TResponse>(Method<TRequest, TResponse> method) =>
            InferRequestParser.Marshaller is Marshaller<TRequest> marshaller
                ? new(method.Type, method.ServiceName, method.Name, marshaller, method.ResponseMarshaller)
                : method;
    }
}
