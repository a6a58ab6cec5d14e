using System.Globalization;
using System.Net;

namespace Lamina;

/// <summary>Repeats a request while its errors may pass, with growing random delays.</summary>
internal sealed class HttpRetry(HttpAccess access, string name, CancellationToken cancellation)
{
    private int _failures;

    /// <summary>Notes that a byte arrived: only attempts without progress count.</summary>
    public void Progressed() => _failures = 0;

    /// <summary>Throws unless the status is a success.</summary>
    public static void RequireSuccess(HttpResponseMessage response)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"the server answers {(int)response.StatusCode} {response.ReasonPhrase}"
        );
        throw IsTransient(response.StatusCode)
            ? new BusyException(text.TrimEnd(), DelayOf(response))
            : new RefusedException(text.TrimEnd());
    }

    /// <summary>Runs attempts until one succeeds.</summary>
    /// <param name="attempt">One attempt; its token source is its limit of time.</param>
    /// <exception cref="ConnectionException">All attempts failed, or the server refuses.</exception>
    public void Run(Func<CancellationTokenSource, Task<bool>> attempt)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            try
            {
                // Readers are threads of their own, which have nothing else to do.
                attempt(timeout).GetAwaiter().GetResult();
                return;
            }
            catch (RefusedException e)
            {
                throw new ConnectionException(name, $"{e.Message}. Check the address.", e);
            }
            catch (Exception e) when (MayPass(e))
            {
                Wait(e);
            }
        }
    }

    private void Wait(Exception error)
    {
        _failures++;
        if (_failures >= access.Attempts)
        {
            throw new ConnectionException(
                name,
                $"cannot be read after {access.Attempts} attempts ({Reason(error)}). Check the network and the server.",
                error
            );
        }
        cancellation.WaitHandle.WaitOne(access.DelayAfter(_failures, (error as BusyException)?.Delay));
    }

    private bool MayPass(Exception e) =>
        e is HttpRequestException or IOException
        || (e is OperationCanceledException && !cancellation.IsCancellationRequested);

    private string Reason(Exception e) =>
        e is OperationCanceledException
            ? string.Create(CultureInfo.InvariantCulture, $"no answer for {access.Timeout.TotalSeconds:0.#} s")
            : (e.InnerException ?? e).Message.TrimEnd('.');

    private static bool IsTransient(HttpStatusCode status) =>
        status
            is HttpStatusCode.RequestTimeout
                or HttpStatusCode.TooManyRequests
                or HttpStatusCode.InternalServerError
                or HttpStatusCode.BadGateway
                or HttpStatusCode.ServiceUnavailable
                or HttpStatusCode.GatewayTimeout;

    private static TimeSpan? DelayOf(HttpResponseMessage response) =>
        response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - DateTimeOffset.UtcNow : null;

    private sealed class BusyException(string message, TimeSpan? delay) : HttpRequestException(message)
    {
        public TimeSpan? Delay => delay;
    }

    private sealed class RefusedException(string message) : LaminaException(message, null!);
}
