using Google.Protobuf;
using Grpc.Core;
using Lamina.Serving.Grpc;

namespace Lamina.Serving;

/// <summary>
/// The generated service, bound with <see cref="InferRequestParser"/> for inference requests, and with parsers that answer
/// INVALID_ARGUMENT for the others.
/// </summary>
[BindServiceMethod(typeof(PooledService), nameof(Bind))]
internal abstract class PooledService : GRPCInferenceService.GRPCInferenceServiceBase
{
    /// <summary>
    /// Binds the methods; called by gRPC when the service is mapped, which looks for the methods in the parameter's type.
    /// </summary>
    public static void Bind(ServiceBinderBase binder, GRPCInferenceService.GRPCInferenceServiceBase? service) =>
        GRPCInferenceService.BindService(new CheckedBinder(binder), service);

    private sealed class CheckedBinder(ServiceBinderBase inner) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            UnaryServerMethod<TRequest, TResponse>? handler
        ) => inner.AddMethod(Checked(method), handler);

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            DuplexStreamingServerMethod<TRequest, TResponse>? handler
        ) => inner.AddMethod(Checked(method), handler);

        private static Method<TRequest, TResponse> Checked<TRequest, TResponse>(Method<TRequest, TResponse> method) =>
            new(
                method.Type,
                method.ServiceName,
                method.Name,
                InferRequestParser.Marshaller as object as Marshaller<TRequest> ?? Checked(method.RequestMarshaller),
                method.ResponseMarshaller
            );

        // Without this, gRPC answers UNKNOWN, as if the server had failed.
        private static Marshaller<T> Checked<T>(Marshaller<T> generated) =>
            new(
                generated.ContextualSerializer,
                context =>
                {
                    try
                    {
                        return generated.ContextualDeserializer(context);
                    }
                    catch (InvalidProtocolBufferException)
                    {
                        throw InferRequestParser.Malformed(typeof(T).Name);
                    }
                }
            );
    }
}
