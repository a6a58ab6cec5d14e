using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>Multiplies the elements that a mask keeps by a scale, and zeroes the others.</summary>
internal static unsafe class MaskLoop
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
        Vector512<float> scale = Vector512.Create(apply->Scale);
        Vector512<uint> lanes = Vector512.Create(
            1u,
            2,
            4,
            8,
            16,
            32,
            64,
            128,
            256,
            512,
            1024,
            2048,
            4096,
            8192,
            16384,
            32768
        );
        for (long word = begin; word < end; word++)
        {
            ulong bits = apply->Bits[word];
            long i = word * WordSize;
            long last = Math.Min(i + WordSize, apply->Count);
            for (; i <= last - 16; i += 16, bits >>= 16)
            {
                Vector512<uint> kept = Vector512.Equals(Vector512.Create((uint)bits) & lanes, lanes);
                (Vector512.Load(apply->Source + i) * (scale & kept.AsSingle())).Store(apply->Result + i);
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
