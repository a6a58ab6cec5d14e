using System.Runtime.InteropServices;
using static Lamina.Torch.TorchNative;

namespace Lamina.Torch;

/// <summary>
/// Runs loops of ours over elements on libtorch's own threads: a second pool would fight with them for the cores, since
/// they spin between ops.
/// </summary>
internal static unsafe class ElementLoop
{
    /// <summary>Below this many elements a piece is not worth another thread.</summary>
    public const long Grain = 32 * 1024;

    /// <summary>Calls a body on ranges that cover 0 to <paramref name="count"/>. The body must not throw.</summary>
    /// <param name="count">How many elements.</param>
    /// <param name="body">Gets a range's begin and end, and the context.</param>
    /// <param name="context">What the body needs; alive until this returns.</param>
    /// <param name="grain">The fewest elements of a piece.</param>
    public static void Run(
        long count,
        delegate* unmanaged<long, long, void*, void> body,
        void* context,
        long grain = Grain
    )
    {
        if (count <= grain)
        {
            body(0, count, context);
            return;
        }
        TorchLibrary.Use();
        Tensor.Check(torch_parallel_for(0, count, grain, body, context));
    }

    /// <summary>Calls a body on ranges that cover 0 to <paramref name="count"/>. The body must not throw.</summary>
    /// <param name="count">How many pieces of work.</param>
    /// <param name="body">Gets a range's begin and end.</param>
    /// <param name="grain">The fewest pieces that are worth another thread.</param>
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
            Run(count, &Invoke, (void*)GCHandle.ToIntPtr(handle), grain);
        }
        finally
        {
            handle.Free();
        }
    }

    [UnmanagedCallersOnly]
    private static void Invoke(long begin, long end, void* context) =>
        ((Action<long, long>)GCHandle.FromIntPtr((nint)context).Target!)(begin, end);
}
