using Lamina.Torch;

namespace Lamina.Tests.Native;

public class ThreadsTests
{
    [Fact]
    public void The_number_of_threads_holds_on_every_thread()
    {
        int before = TorchLibrary.Threads;
        try
        {
            foreach (int threads in (int[])[1, 3])
            {
                TorchLibrary.SetThreads(threads);
                Assert.Equal(threads, TorchLibrary.Threads);
                int elsewhere = 0;
                var other = new Thread(() => elsewhere = TorchLibrary.Threads);
                other.Start();
                other.Join();
                Assert.Equal(threads, elsewhere);
            }
        }
        finally
        {
            TorchLibrary.SetThreads(before);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => TorchLibrary.SetThreads(0));
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(4, 1)]
    [InlineData(100, 1)]
    public void A_thread_that_shares_has_its_part_of_the_threads_and_others_have_all(int sharers, int expected)
    {
        int before = TorchLibrary.Threads;
        try
        {
            TorchLibrary.SetThreads(6);
            var seen = new List<int>();
            var sharer = new Thread(() =>
            {
                TorchLibrary.ShareThreads(sharers);
                seen.Add(TorchLibrary.Threads);
                TorchLibrary.ShareThreads(sharers);
                seen.Add(TorchLibrary.Threads);
            });
            sharer.Start();
            sharer.Join();
            var other = new Thread(() => seen.Add(TorchLibrary.Threads));
            other.Start();
            other.Join();
            Assert.Equal([expected, expected, 6], seen);
        }
        finally
        {
            TorchLibrary.SetThreads(before);
        }
    }

    [Fact]
    public unsafe void A_loop_covers_every_element_once()
    {
        var counts = new int[1_000_003];
        fixed (int* p = counts)
        {
            ElementLoop.Run(counts.Length, &Count, p, grain: 1000);
        }
        Assert.True(counts.All(c => c == 1));
    }

    [Fact]
    public void What_a_body_throws_on_any_thread_comes_out_of_the_loop()
    {
        var failed = Assert.Throws<InvalidOperationException>(() =>
            ElementLoop.Run(
                1000,
                (begin, end) =>
                {
                    if (end > 500)
                    {
                        throw new InvalidOperationException($"piece {begin}");
                    }
                },
                grain: 1
            )
        );
        Assert.StartsWith("piece ", failed.Message, StringComparison.Ordinal);
        int seen = 0;
        ElementLoop.Run(1000, (begin, end) => Interlocked.Add(ref seen, (int)(end - begin)), grain: 1);
        Assert.Equal(1000, seen);
    }

    private static unsafe void Count(long begin, long end, void* context)
    {
        for (long i = begin; i < end; i++)
        {
            ((int*)context)[i]++;
        }
    }
}
