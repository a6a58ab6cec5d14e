using System.Runtime.InteropServices;

namespace Lamina.Distributed.Mpi;

/// <summary>The parts of a message that belong to each rank, in memory that MPI reads while a call goes on.</summary>
internal sealed unsafe class RankLayout(int size) : IDisposable
{
    private readonly int* _memory = (int*)NativeMemory.AllocZeroed((nuint)(4 * size), sizeof(int));

    /// <summary>The bytes of each rank's part.</summary>
    public int* Counts => _memory;

    /// <summary>The place of each rank's part.</summary>
    public int* Places => _memory + size;

    /// <summary>The bytes that are received of each rank, all for this rank's part.</summary>
    public int* ReceivedCounts => _memory + (2 * size);

    /// <summary>The places where they are received.</summary>
    public int* ReceivedPlaces => _memory + (3 * size);

    /// <summary>Divides elements among ranks.</summary>
    /// <returns>The elements of this rank's part.</returns>
    public Range Divide(int elements, int elementSize, int rank)
    {
        for (int r = 0; r < size; r++)
        {
            Places[r] = First(r) * elementSize;
            Counts[r] = (First(r + 1) - First(r)) * elementSize;
        }
        for (int r = 0; r < size; r++)
        {
            ReceivedCounts[r] = Counts[rank];
            ReceivedPlaces[r] = r * Counts[rank];
        }
        return First(rank)..First(rank + 1);

        int First(int r) => (int)((long)elements * r / size);
    }

    /// <summary>Gives every rank as many bytes.</summary>
    public void Equal(int bytes)
    {
        for (int r = 0; r < size; r++)
        {
            (Counts[r], Places[r]) = (bytes, r * bytes);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.Free(_memory);
}
