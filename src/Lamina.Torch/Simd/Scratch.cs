using System.Runtime.InteropServices;

namespace Lamina.Torch;

/// <summary>
/// Working memory of the calling thread, aligned to vectors. It grows to the largest request and is kept, so that a step
/// takes no new pages; a second request reuses the first one's memory.
/// </summary>
internal static unsafe class Scratch
{
    private const nuint Alignment = 64;

    [ThreadStatic]
    private static Block? t_block;

    /// <summary>Memory of any content for this many floats, until the next call on this thread.</summary>
    public static float* Floats(long count)
    {
        nuint bytes = checked((nuint)count * sizeof(float));
        if (t_block is null || t_block.Bytes < bytes)
        {
            t_block?.Dispose();
            t_block = new Block(bytes);
        }
        return t_block.Address;
    }

    private sealed class Block(nuint bytes) : IDisposable
    {
        private void* _memory = NativeMemory.AlignedAlloc(bytes, Alignment);

        ~Block() => Free();

        public nuint Bytes { get; } = bytes;

        public float* Address => (float*)_memory;

        public void Dispose()
        {
            Free();
            GC.SuppressFinalize(this);
        }

        private void Free()
        {
            NativeMemory.AlignedFree(_memory);
            _memory = null;
        }
    }
}
