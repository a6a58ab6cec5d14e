using Grpc.Core;

namespace Lamina.Serving;

/// <summary>Errors as gRPC statuses.</summary>
internal static class GrpcErrors
{
    /// <summary>Returns the exception that carries an error's status.</summary>
    public static RpcException Of(Exception exception) =>
        exception switch
        {
            RpcException e => e,
            ServingException e => new RpcException(new Status(CodeOf(e.Error), e.Message)),
            LaminaException e => new RpcException(new Status(StatusCode.InvalidArgument, e.Message)),
            OperationCanceledException => new RpcException(
                new Status(StatusCode.Cancelled, "the client has gone away.")
            ),
            _ => new RpcException(new Status(StatusCode.Internal, "the server failed; its log says why.")),
        };

    private static StatusCode CodeOf(ServingError error) =>
        error switch
        {
            ServingError.NotFound => StatusCode.NotFound,
            ServingError.TooLarge => StatusCode.ResourceExhausted,
            ServingError.Unavailable => StatusCode.Unavailable,
            ServingError.Unimplemented => StatusCode.Unimplemented,
            ServingError.Internal => StatusCode.Internal,
            _ => StatusCode.InvalidArgument,
        };
}
