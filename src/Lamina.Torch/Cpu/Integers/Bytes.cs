using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>Conversions of bytes to 16-bit integers.</summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal static unsafe class Bytes<TVector>
    where TVector : unmanaged, IIntegers<TVector>
{
    /// <summary>Widens a row.</summary>
    /// <param name="from">The bytes.</param>
    /// <param name="to">Receives the 16-bit integers.</param>
    /// <param name="count">The number of bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen(byte* from, short* to, long count)
    {
        long i = 0;
        for (; i <= count - (2 * TVector.Count); i += 2 * TVector.Count)
        {
            TVector.Widen(from + i).Store(to + i);
        }
        for (; i < count; i++)
        {
            to[i] = from[i];
        }
    }
}
