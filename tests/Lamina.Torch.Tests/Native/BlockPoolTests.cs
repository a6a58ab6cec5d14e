namespace Lamina.Torch.Tests.Native;

public sealed class BlockPoolTests
{
    private const long Size = 3 << 20;

    [Fact]
    public void A_freed_block_is_the_next_one_of_its_size()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The pool is for Linux.");
        nint first = Rent(Size);
        nint second = Rent(Size);
        nint third = Rent(Size);
        Assert.Equal(0, first % 64);
        BlockPool.Return(second);
        // A smaller one goes where it fits best, which can be the same hole; an equal one does.
        Assert.Equal(second, Rent(Size));
        foreach (nint block in (nint[])[first, second, third])
        {
            BlockPool.Return(block);
        }
    }

    [Fact]
    public void Neighbours_join_to_a_hole_for_all_of_them()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The pool is for Linux.");
        // Beyond all holes that other tests may have left.
        const long Big = 64 << 20;
        nint[] blocks = [.. Enumerable.Range(0, 4).Select(_ => Rent(Big))];
        Assert.Equal([.. Enumerable.Range(0, 4).Select(i => blocks[0] + (nint)(i * Big))], blocks);
        foreach (int i in (int[])[1, 0, 2])
        {
            BlockPool.Return(blocks[i]);
        }
        nint whole = Rent(3 * Big);
        Assert.Equal(blocks[0], whole);
        BlockPool.Return(whole);
        BlockPool.Return(blocks[3]);
    }

    [Fact]
    public void What_is_small_or_larger_than_the_machine_or_not_the_pool_s_is_left_to_libtorch()
    {
        Assert.False(BlockPool.TryRent(BlockPool.SmallestBlock - 1, out _));
        Assert.False(BlockPool.TryRent(long.MaxValue / 2, out _));
        BlockPool.Return(0x1000);
        nint block = Rent(Size);
        // An address within a block is no block.
        BlockPool.Return(block + 64);
        Assert.NotEqual(block, Rent(Size, keep: false));
        BlockPool.Return(block);
    }

    [Fact]
    public void Blocks_of_random_sizes_never_overlap()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The pool is for Linux.");
        var stream = new RandomStream(7, RandomPurpose.User);
        List<(nint Start, long Length)> held = [];
        for (int i = 0; i < 2000; i++)
        {
            if (held.Count > 20 || (held.Count > 0 && stream.NextSingle() < 0.4))
            {
                int which = (int)(stream.NextSingle() * held.Count) % held.Count;
                BlockPool.Return(held[which].Start);
                held.RemoveAt(which);
                continue;
            }
            long length = BlockPool.SmallestBlock + (long)(stream.NextSingle() * Size);
            nint start = Rent(length);
            Assert.All(held, b => Assert.True(start + length <= b.Start || b.Start + b.Length <= start));
            held.Add((start, length));
        }
        held.ForEach(b => BlockPool.Return(b.Start));
    }

    [Fact]
    public void A_tensor_s_block_goes_back_with_the_last_tensor_over_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The pool is for Linux.");
        Tensor tensor = Tensor.Zeros([1 << 20]);
        Tensor view = tensor.View(1 << 10, 1 << 10);
        Tensor row = view.Restride([1 << 10], [1], 1 << 10);
        tensor.Dispose();
        view.Dispose();
        using Tensor other = Tensor.Zeros([1 << 20]);
        other.Fill(1);
        Assert.All(row.AsSpan().ToArray(), v => Assert.Equal(0, v));
        row.Dispose();
    }

    private static nint Rent(long bytes, bool keep = true)
    {
        Assert.True(BlockPool.TryRent(bytes, out nint block));
        if (!keep)
        {
            BlockPool.Return(block);
        }
        return block;
    }
}
