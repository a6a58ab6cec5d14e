using ILGPU;

namespace Lamina.Gpu.Kernels;

/// <summary>The stream of random numbers of one dropout in one step, and its rate.</summary>
internal struct DropoutStream
{
    public uint Index;
    public uint Step;
    public uint Key0;
    public uint Key1;

    /// <summary>The rate times 2³², rounded up: an element is kept if its draw is at least this.</summary>
    public ulong Threshold;

    /// <summary>The factor of the elements that are kept.</summary>
    public float Scale;
}

/// <summary>
/// Dropout by Philox4x32-10 in integer arithmetic, which keeps the same elements as on a CPU. The mask is drawn again for the
/// gradient instead of being kept.
/// </summary>
internal static class DropoutKernels
{
    /// <summary>Scales or zeroes the four elements of one block of the generator; for outputs and gradients alike.</summary>
    /// <param name="i">The index of the block: the elements are 4i to 4i + 3.</param>
    /// <param name="values">The values, bfloat16, changed in place.</param>
    /// <param name="stream">The stream.</param>
    public static void Apply(Index1D i, ArrayView<ushort> values, DropoutStream stream)
    {
        uint c0 = (uint)i.X;
        uint c1 = 0;
        uint c2 = stream.Index;
        uint c3 = stream.Step;
        uint k0 = stream.Key0;
        uint k1 = stream.Key1;
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = (ulong)c0 * 0xD2511F53u;
            ulong p1 = (ulong)c2 * 0xCD9E8D57u;
            c0 = (uint)(p1 >> 32) ^ c1 ^ k0;
            c1 = (uint)p1;
            c2 = (uint)(p0 >> 32) ^ c3 ^ k1;
            c3 = (uint)p0;
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        long at = 4L * i.X;
        Keep(values, at, c0, stream);
        Keep(values, at + 1, c1, stream);
        Keep(values, at + 2, c2, stream);
        Keep(values, at + 3, c3, stream);
    }

    private static void Keep(ArrayView<ushort> values, long at, uint draw, DropoutStream stream)
    {
        if (at < values.Length)
        {
            values[at] = draw >= stream.Threshold ? BFloat.Round(BFloat.ToFloat(values[at]) * stream.Scale) : (ushort)0;
        }
    }
}
