using System.Runtime.CompilerServices;
using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>Multiplies the elements that a mask keeps by a scale, and zeroes the others.</summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal static unsafe class MaskLoop<TVector>
    where TVector : unmanaged, IFloats<TVector>
{
    private const int WordSize = DropoutMask.WordSize;

    /// <summary>Applies a mask; source and result may be the same tensor.</summary>
    public static void Apply(DropoutMask mask, Tensor source, Tensor result, float scale)
    {
        fixed (ulong* bits = mask.Bits)
        {
            var apply = new Application(bits, source.ReadData, result.WriteData(), source.Count, scale);
            long words = (source.Count + WordSize - 1) / WordSize;
            ElementLoop.Run(words, &ApplyWords, &apply, grain: ElementLoop.Grain / WordSize);
        }
        GC.KeepAlive(result);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ApplyWords(long begin, long end, void* context)
    {
        var apply = (Application*)context;
        TVector scale = TVector.Create(apply->Scale);
        for (long word = begin; word < end; word++)
        {
            ulong bits = apply->Bits[word];
            long i = word * WordSize;
            long last = Math.Min(i + WordSize, apply->Count);
            for (; i <= last - TVector.Count; i += TVector.Count, bits >>= TVector.Count)
            {
                (TVector.Load(apply->Source + i) * TVector.WhereBits(scale, (uint)bits)).Store(apply->Result + i);
            }
            for (; i < last; i++, bits >>= 1)
            {
                apply->Result[i] = apply->Source[i] * ((bits & 1) != 0 ? apply->Scale : 0);
            }
        }
    }

    private readonly struct Application(ulong* bits, float* source, float* result, long count, float scale)
    {
        public readonly ulong* Bits = bits;
        public readonly float* Source = source;
        public readonly float* Result = result;
        public readonly long Count = count;
        public readonly float Scale = scale;
    }
}
