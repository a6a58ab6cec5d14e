using System.Runtime.InteropServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Working memory of the calling thread, aligned to vectors. It grows to the largest request and is kept, so that a
/// step allocates no new pages; a second request reuses the memory of the first. It belongs to no tensor and is not
/// counted as such.
/// </summary>
internal static unsafe class Scratch
{
    private const nuint Alignment = 64;

    [ThreadStatic]
    private static Block? t_block;

    [ThreadStatic]
    private static Block? t_shared;

    [ThreadStatic]
    private static Block? t_rows;

    /// <summary>
    /// Returns uninitialized memory for this number of floats, valid until the next call on this thread.
    /// </summary>
    public static float* Floats(long count) => Grow(ref t_block, count);

    /// <summary>
    /// Returns memory like <see cref="Floats"/>, separate from it, for data that the caller's parallel loop shares.
    /// </summary>
    public static float* SharedFloats(long count) => Grow(ref t_shared, count);

    /// <summary>
    /// Returns memory like <see cref="Floats"/>, separate from it, for rows that the calls between which they pass use
    /// beside their own.
    /// </summary>
    public static float* RowFloats(long count) => Grow(ref t_rows, count);

    private static float* Grow(ref Block? block, long count)
    {
        nuint bytes = checked((nuint)count * sizeof(float));
        if (block is null || block.Bytes < bytes)
        {
            block?.Dispose();
            block = new Block(bytes);
        }
        return block.Address;
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
