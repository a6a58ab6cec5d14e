using System.Runtime.InteropServices;
using Lamina;

/// <summary>Sums, copies and waits of a communicator, against their definitions.</summary>
internal static unsafe class Sums
{
    public static int Run(ICommunicator ranks)
    {
        foreach (int count in (int[])[1, 7, 8191, 8193, 100_003, (4 << 20) + 5])
        {
            float[] expected = [.. Enumerable.Range(0, count).Select(i => InOrder(ranks.Size, i))];
            var values = (float*)NativeMemory.Alloc((nuint)count, sizeof(float));
            for (int i = 0; i < count; i++)
            {
                values[i] = Value(ranks.Rank, i);
            }
            ranks.AllReduceAsync((nint)values, count).Wait();
            Require(new ReadOnlySpan<float>(values, count).SequenceEqual(expected), $"{count} float32 sums");
            NativeMemory.Free(values);

            double[] doubles = [.. Enumerable.Range(0, Math.Min(count, 20_000)).Select(i => (double)ranks.Rank + i)];
            ranks.AllReduce(doubles);
            int pairs = ranks.Size * (ranks.Size - 1) / 2;
            Require(
                doubles.Select((v, i) => v == pairs + (ranks.Size * (double)i)).All(e => e),
                $"{count} float64 sums"
            );
        }
        byte[] bytes = [.. Enumerable.Range(0, 1000).Select(i => (byte)(i * (ranks.Rank + 1)))];
        ranks.Broadcast(bytes, root: ranks.Size - 1);
        Require(bytes.Select((b, i) => b == (byte)(i * ranks.Size)).All(e => e), "broadcast");
        ranks.Barrier();
        if (ranks.Rank == 0)
        {
            Console.WriteLine($"{ranks.Size} ranks: right");
        }
        return 0;
    }

    // Rounded sums, which depend on the order.
    private static float InOrder(int ranks, int i)
    {
        float sum = Value(0, i);
        for (int rank = 1; rank < ranks; rank++)
        {
            sum += Value(rank, i);
        }
        return sum;
    }

    private static float Value(int rank, int i) => MathF.Sin(((i % 1009) * 13) + rank) * MathF.Pow(10, (rank * 3) % 7);

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new LaminaException($"{what} are wrong.");
        }
    }
}
