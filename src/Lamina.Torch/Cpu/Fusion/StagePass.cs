using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>An output stage over a whole tensor in place, where the kernel before it cannot apply it itself.</summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal static unsafe class StagePass<TVector>
    where TVector : unmanaged, IFloats<TVector>
{
    /// <summary>Applies a stage to a tensor (…, channels) in place.</summary>
    public static void Run(Tensor y, in OutputStage stage)
    {
        if (stage.IsEmpty || y.Count == 0)
        {
            return;
        }
        long channels = y.Sizes[^1];
        var rows = new Rows(y.WriteData(), (nint)channels, stage);
        ElementLoop.Run(y.Count / channels, &Run, &rows, Math.Max(1, ElementLoop.Grain / channels));
        GC.KeepAlive(y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(long begin, long end, void* context)
    {
        Rows rows = *(Rows*)context;
        OutputStage stage = rows.Stage;
        for (nint row = (nint)begin; row < end; row++)
        {
            nint at = row * rows.Channels;
            nint channel = 0;
            for (; channel <= rows.Channels - TVector.Count; channel += TVector.Count)
            {
                TVector value = TVector.Load(rows.Values + at + channel);
                stage.Apply(value, channel, at + channel).Store(rows.Values + at + channel);
            }
            for (; channel < rows.Channels; channel++)
            {
                rows.Values[at + channel] = stage.Apply(rows.Values[at + channel], channel, at + channel);
            }
        }
    }

    private readonly struct Rows(float* values, nint channels, OutputStage stage)
    {
        public readonly float* Values = values;
        public readonly nint Channels = channels;
        public readonly OutputStage Stage = stage;
    }
}
