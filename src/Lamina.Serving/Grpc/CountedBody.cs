using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Lamina.Serving;

/// <summary>
/// The body of a gRPC call, whose bytes count as long as they are in memory: gRPC collects a whole message before anything else
/// sees it.
/// </summary>
internal sealed class CountedBody(PipeReader inner, BufferedBytes buffered) : PipeReader, IRequestBodyPipeFeature
{
    private ReadResult _last;
    private long _counted;

    public PipeReader Reader => this;

    /// <summary>Counts the bodies of all calls to the endpoints.</summary>
    public static void Apply(IEndpointConventionBuilder endpoints, BufferedBytes buffered) =>
        endpoints.Add(endpoint =>
        {
            if (endpoint.RequestDelegate is { } next)
            {
                endpoint.RequestDelegate = context => InvokeAsync(context, next, buffered);
            }
        });

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        Counted(await inner.ReadAsync(cancellationToken).ConfigureAwait(false));

    public override bool TryRead(out ReadResult result)
    {
        bool read = inner.TryRead(out result);
        if (read)
        {
            Counted(result);
        }
        return read;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        Set(_last.Buffer.Slice(consumed).Length);
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        Set(0);
        inner.Complete(exception);
    }

    private static async Task InvokeAsync(HttpContext context, RequestDelegate next, BufferedBytes buffered)
    {
        var body = new CountedBody(context.Request.BodyReader, buffered);
        context.Features.Set<IRequestBodyPipeFeature>(body);
        try
        {
            await next(context).ConfigureAwait(false);
        }
        finally
        {
            body.Set(0);
        }
    }

    private ReadResult Counted(ReadResult result)
    {
        _last = result;
        try
        {
            Set(result.Buffer.Length);
        }
        catch (ServingException e)
        {
            inner.AdvanceTo(result.Buffer.End);
            throw GrpcErrors.Of(e);
        }
        return result;
    }

    private void Set(long bytes)
    {
        long more = bytes - _counted;
        if (more > 0)
        {
            buffered.Add(more);
        }
        else
        {
            buffered.Remove(-more);
        }
        _counted = bytes;
    }
}
