using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using static Lamina.Torch.TorchNative;

namespace Lamina.Torch;

/// <summary>
/// Runs loops over elements on libtorch's own threads. A second pool would compete with them for the cores, since they
/// spin between ops. An exception of a body is thrown by <c>Run</c>; it never reaches the native code in between.
/// </summary>
internal static unsafe class ElementLoop
{
    /// <summary>The number of elements below which a piece is not worth another thread.</summary>
    public const long Grain = 32 * 1024;

    /// <summary>Calls a body on ranges that cover 0 to <paramref name="count"/>.</summary>
    /// <param name="count">The number of elements.</param>
    /// <param name="body">The body; receives the begin and end of a range, and the context.</param>
    /// <param name="context">The data that the body needs; alive until this method returns.</param>
    /// <param name="grain">The minimum number of elements of a piece.</param>
    public static void Run(long count, delegate* <long, long, void*, void> body, void* context, long grain = Grain)
    {
        if (count <= grain)
        {
            body(0, count, context);
            return;
        }
        TorchLibrary.Use();
        LoopMeter? meter = LoopMeter.Current is { } current && TorchLibrary.Threads > 1 ? current : null;
        var loop = new Loop
        {
            Body = body,
            Context = context,
            IsMetered = meter is not null,
        };
        long started = meter is null ? 0 : Stopwatch.GetTimestamp();
        int rc = torch_parallel_for(0, count, grain, &Invoke, &loop);
        meter?.Add(Stopwatch.GetTimestamp() - started, loop.Busy);
        loop.ThrowIfFailed();
        Tensor.Check(rc);
    }

    /// <summary>Calls a body on ranges that cover 0 to <paramref name="count"/>.</summary>
    /// <param name="count">The number of work items.</param>
    /// <param name="body">The body; receives the begin and end of a range.</param>
    /// <param name="grain">The minimum number of items that is worth another thread.</param>
    public static void Run(long count, Action<long, long> body, long grain)
    {
        if (count <= grain)
        {
            body(0, count);
            return;
        }
        var handle = GCHandle.Alloc(body);
        try
        {
            Run(count, &InvokeAction, (void*)GCHandle.ToIntPtr(handle), grain);
        }
        finally
        {
            handle.Free();
        }
    }

    private static void InvokeAction(long begin, long end, void* context) =>
        ((Action<long, long>)GCHandle.FromIntPtr((nint)context).Target!)(begin, end);

    // The only managed code that native code calls.
    [UnmanagedCallersOnly]
    private static void Invoke(long begin, long end, void* context)
    {
        var loop = (Loop*)context;
        SignalMask.EnterCallback();
        long started = loop->IsMetered ? Stopwatch.GetTimestamp() : 0;
        try
        {
            loop->Body(begin, end, loop->Context);
        }
#pragma warning disable CA1031 // An exception must not pass through native code, which would end the process.
        catch (Exception e)
#pragma warning restore CA1031
        {
            loop->Keep(e);
        }
        if (loop->IsMetered)
        {
            Interlocked.Add(ref loop->Busy, Stopwatch.GetTimestamp() - started);
        }
        SignalMask.LeaveCallback();
    }

    private struct Loop
    {
        public delegate* <long, long, void*, void> Body;
        public void* Context;
        public bool IsMetered;
        public long Busy;
        private nint _failure;

        /// <summary>Keeps the first exception; several threads may throw one.</summary>
        public void Keep(Exception exception)
        {
            nint handle = GCHandle.ToIntPtr(GCHandle.Alloc(ExceptionDispatchInfo.Capture(exception)));
            if (Interlocked.CompareExchange(ref _failure, handle, 0) != 0)
            {
                GCHandle.FromIntPtr(handle).Free();
            }
        }

        public readonly void ThrowIfFailed()
        {
            if (_failure != 0)
            {
                var handle = GCHandle.FromIntPtr(_failure);
                var failure = (ExceptionDispatchInfo)handle.Target!;
                handle.Free();
                failure.Throw();
            }
        }
    }
}
