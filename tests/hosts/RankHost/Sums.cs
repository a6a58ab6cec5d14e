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

            RequireBFloat16(ranks, count);

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

    // The values are exact in bfloat16 and their sums in float32; the result is the sum, rounded to 8 bits, halves to even.
    private static void RequireBFloat16(ICommunicator ranks, int count)
    {
        static double Value(int rank, int i) => ((i * 37) + (rank * 101)) % 256 * Math.Pow(2, (i + rank) % 9);
        static ushort Bits(double value) => (ushort)(BitConverter.SingleToUInt32Bits((float)value) >> 16);

        var values = (ushort*)NativeMemory.Alloc((nuint)count, sizeof(ushort));
        for (int i = 0; i < count; i++)
        {
            values[i] = Bits(Value(ranks.Rank, i));
        }
        ranks.AllReduceBFloat16Async((nint)values, count).Wait();
        bool holds = true;
        for (int i = 0; i < count; i++)
        {
            double sum = Enumerable.Range(0, ranks.Size).Sum(r => Value(r, i));
            double unit = sum == 0 ? 1 : Math.Pow(2, Math.Floor(Math.Log2(sum)) - 7);
            holds &= values[i] == Bits(Math.Round(sum / unit, MidpointRounding.ToEven) * unit);
        }
        NativeMemory.Free(values);
        Require(holds, $"{count} bfloat16 sums");
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
