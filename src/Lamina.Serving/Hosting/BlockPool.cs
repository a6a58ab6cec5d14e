using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Lamina.Serving;

/// <summary>
/// Memory in large blocks for the server's sockets. Kestrel's own blocks are 4 kB, and it calls the system once per block: an
/// image of 600 kB as a tensor then takes 150 calls.
/// </summary>
internal sealed class BlockPool : MemoryPool<byte>
{
    /// <summary>The size of a block in bytes.</summary>
    public const int BlockSize = 128 << 10;

    // More than that is left to the garbage collector: 32 MiB.
    private const int MostFree = 256;

    private readonly ConcurrentQueue<Block> _free = new();
    private int _freeCount;

    public override int MaxBufferSize => BlockSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        if (!_free.TryDequeue(out Block? block))
        {
            return new Block(this);
        }
        Interlocked.Decrement(ref _freeCount);
        return block;
    }

    protected override void Dispose(bool disposing) => _free.Clear();

    private void Return(Block block)
    {
        if (Interlocked.Increment(ref _freeCount) <= MostFree)
        {
            _free.Enqueue(block);
        }
        else
        {
            Interlocked.Decrement(ref _freeCount);
        }
    }

    private sealed class Block(BlockPool pool) : IMemoryOwner<byte>
    {
        // Pinned, since the system writes into it.
        public Memory<byte> Memory { get; } =
            MemoryMarshal.CreateFromPinnedArray(
                GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true),
                0,
                BlockSize
            );

        public void Dispose() => pool.Return(this);
    }
}

/// <summary>Gives Kestrel <see cref="BlockPool"/>s.</summary>
internal sealed class BlockPoolFactory : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new BlockPool();
}
