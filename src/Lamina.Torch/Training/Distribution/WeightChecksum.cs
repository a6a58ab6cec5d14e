using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Lamina.Torch;

/// <summary>Compares the weights of all ranks, which must be equal bit for bit.</summary>
internal static class WeightChecksum
{
    /// <summary>Compares them.</summary>
    /// <exception cref="LaminaException">They differ: on which rank.</exception>
    public static void Require(Model model, ICommunicator ranks, long step)
    {
        ulong own = Of(model);
        // Each rank fills its place; halves of a checksum are exact as doubles.
        var all = new double[2 * ranks.Size];
        all[2 * ranks.Rank] = own & uint.MaxValue;
        all[(2 * ranks.Rank) + 1] = own >> 32;
        ranks.AllReduce(all);
        (double, double)[] sums = [.. Enumerable.Range(0, ranks.Size).Select(r => (all[2 * r], all[(2 * r) + 1]))];
        // What most ranks have is right; among equally many, what the first has.
        (double, double) usual = sums.GroupBy(s => s).MaxBy(g => g.Count())!.Key;
        int other = Array.FindIndex(sums, s => s != usual);
        if (other >= 0)
        {
            throw new LaminaException(
                FormattableString.Invariant(
                    $"{ranks.NameOf(other)}: its weights differ from the other ranks' after step {step}. Check the memory and libraries of that machine, and resume from the last checkpoint."
                )
            );
        }
    }

    private static ulong Of(Model model)
    {
        var hash = new XxHash3();
        foreach (Weight weight in model.Weights)
        {
            if (weight.Storage is TorchParameter { Value: { IsCpuFloat: true, IsContiguous: true } value })
            {
                hash.Append(MemoryMarshal.AsBytes(value.AsSpan()));
            }
            else
            {
                hash.Append(MemoryMarshal.AsBytes(weight.GetValues().AsSpan()));
            }
        }
        return hash.GetCurrentHashAsUInt64();
    }
}
