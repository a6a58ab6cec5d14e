using System.Runtime.InteropServices;

namespace Lamina.Torch;

/// <summary>
/// Memory for large tensors on the CPU: one range of addresses, in which a freed block's pages stay for the next block.
/// glibc's heap, which libtorch's own tensors use, cannot put an aligned block into a gap of exactly its size, and
/// small objects settle in the gaps, so that a training would need a third more than its tensors. On Linux only;
/// elsewhere, and when the range is full, libtorch allocates.
/// </summary>
internal static partial class BlockPool
{
    /// <summary>The smallest block size that the pool serves.</summary>
    public const long SmallestBlock = 256 << 10;

    private const long Alignment = 64;

    private static readonly Lock s_lock = new();
    private static readonly SortedList<nint, long> s_free = [];
    private static readonly Dictionary<nint, long> s_used = [];
    private static bool s_reserved;
    private static nint s_start;
    private static nint s_end;
    private static long s_room;

    /// <summary>Allocates an uninitialized block, or returns <see langword="false"/> if the pool cannot.</summary>
    /// <param name="bytes">The size.</param>
    /// <param name="block">Receives the address, a multiple of 64.</param>
    public static bool TryRent(long bytes, out nint block)
    {
        block = 0;
        if (bytes < SmallestBlock || !OperatingSystem.IsLinux())
        {
            return false;
        }
        lock (s_lock)
        {
            if (!s_reserved)
            {
                Reserve();
                s_reserved = true;
            }
            // Requests that exceed the machine's memory are left for libtorch to reject.
            if (bytes > s_room)
            {
                return false;
            }
            long length = (bytes + Alignment - 1) / Alignment * Alignment;
            if (SmallestHole(length) is not { } hole)
            {
                return false;
            }
            long rest = s_free.GetValueAtIndex(hole) - length;
            block = s_free.GetKeyAtIndex(hole);
            s_free.RemoveAt(hole);
            if (rest > 0)
            {
                s_free.Add(block + (nint)length, rest);
            }
            s_used.Add(block, length);
            s_room -= length;
            return true;
        }
    }

    /// <summary>Returns a block; addresses outside the pool are ignored.</summary>
    public static void Return(nint block)
    {
        if (block < s_start || block >= s_end)
        {
            return;
        }
        lock (s_lock)
        {
            if (!s_used.Remove(block, out long length))
            {
                return;
            }
            s_room += length;
            s_free.Add(block, length);
            int index = s_free.IndexOfKey(block);
            Join(index);
            Join(index - 1);
            if (s_used.Count == 0)
            {
                _ = Advise(s_start, (nuint)(s_end - s_start), DontNeed);
            }
        }
    }

    // The tightest gap, so that large gaps stay large; the end of the range is the largest.
    private static int? SmallestHole(long length)
    {
        int? best = null;
        for (int i = 0; i < s_free.Count; i++)
        {
            long size = s_free.GetValueAtIndex(i);
            if (size >= length && (best is not { } b || size < s_free.GetValueAtIndex(b)))
            {
                best = i;
            }
        }
        return best;
    }

    /// <summary>Merges a gap with the next one if they touch.</summary>
    private static void Join(int index)
    {
        if (index < 0 || index + 1 >= s_free.Count)
        {
            return;
        }
        nint start = s_free.GetKeyAtIndex(index);
        long length = s_free.GetValueAtIndex(index);
        if (start + (nint)length == s_free.GetKeyAtIndex(index + 1))
        {
            s_free.SetValueAtIndex(index, length + s_free.GetValueAtIndex(index + 1));
            s_free.RemoveAt(index + 1);
        }
    }

    private static void Reserve()
    {
        long machine = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        // Only addresses are reserved: twice the memory leaves room for gaps.
        nuint length = (nuint)(machine * 2);
        nint start = Map(0, length, ReadWrite, Private | Anonymous | NoReserve, -1, 0);
        if (start == Failed)
        {
            return;
        }
        (s_start, s_end, s_room) = (start, start + (nint)length, machine);
        s_free.Add(start, (long)length);
    }

    private const int ReadWrite = 1 | 2;
    private const int Private = 0x02;
    private const int Anonymous = 0x20;
    private const int NoReserve = 0x4000;
    private const int DontNeed = 4;
    private const nint Failed = -1;

    [LibraryImport("libc", EntryPoint = "mmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(nint address, nuint length, int advice);
}
