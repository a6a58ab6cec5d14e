using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>The last step of a product of bytes: sums become bytes or float32, sum · multiplier + offset.</summary>
/// <typeparam name="TVector">The vectors.</typeparam>
/// <param name="multiplier">The multiplier of each output.</param>
/// <param name="offset">The offset of each output.</param>
/// <param name="group">The number of outputs of a group; each group starts a panel.</param>
/// <param name="type">Bytes or float32.</param>
/// <param name="relu"><see langword="true"/> to replace negative float32 values by 0.</param>
internal sealed unsafe class SumScale<TVector>(float[] multiplier, float[] offset, int group, DType type, bool relu)
    where TVector : unmanaged, IIntegers<TVector>
{
    // The scratch of a remainder is one vector of the widest kind.
    private const int MostLanes = 16;

    private readonly float[] _multiplier = InPanels(multiplier, group);
    private readonly float[] _offset = InPanels(offset, group);

    /// <summary>The type of the results.</summary>
    public DType Type => type;

    /// <summary>Writes rows of one panel.</summary>
    /// <param name="sums">The sums, two vectors for each row.</param>
    /// <param name="sumStep">The distance between rows of sums in elements.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="panel">The panel, counted over all groups.</param>
    /// <param name="width">The number of outputs of the panel.</param>
    /// <param name="result">The address of all results.</param>
    /// <param name="at">The index of the first result.</param>
    /// <param name="stride">The distance between rows of results in elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(int* sums, nint sumStep, int rows, int panel, int width, void* result, nint at, nint stride)
    {
        float* scale = Address(_multiplier, panel);
        float* shift = Address(_offset, panel);
        if (width < PairBlock<TVector>.PanelWidth)
        {
            for (int row = 0; row < rows; row++, sums += sumStep, at += stride)
            {
                for (int lane = 0; lane < width; lane += TVector.Count)
                {
                    Write(TVector.Load(sums + lane), scale + lane, shift + lane, width - lane, result, at + lane);
                }
            }
        }
        else if (type == DType.UInt8)
        {
            byte* to = (byte*)result + at;
            for (int row = 0; row < rows; row++, sums += sumStep, to += stride)
            {
                TVector.Load(sums).StoreScaled(to, scale, shift);
                TVector
                    .Load(sums + TVector.Count)
                    .StoreScaled(to + TVector.Count, scale + TVector.Count, shift + TVector.Count);
            }
        }
        else
        {
            float* to = (float*)result + at;
            for (int row = 0; row < rows; row++, sums += sumStep, to += stride)
            {
                TVector.Load(sums).StoreScaled(to, scale, shift, relu);
                TVector
                    .Load(sums + TVector.Count)
                    .StoreScaled(to + TVector.Count, scale + TVector.Count, shift + TVector.Count, relu);
            }
        }
    }

    /// <summary>Writes one vector of results.</summary>
    /// <param name="sums">The sums.</param>
    /// <param name="panel">The panel, counted over all groups.</param>
    /// <param name="lane">The first output in the panel.</param>
    /// <param name="width">The number of outputs of the panel.</param>
    /// <param name="result">The address of all results.</param>
    /// <param name="at">The index of the first result.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(TVector sums, int panel, int lane, int width, void* result, nint at)
    {
        float* scale = Address(_multiplier, panel) + lane;
        float* shift = Address(_offset, panel) + lane;
        if (type == DType.UInt8 && width - lane >= TVector.Count)
        {
            sums.StoreScaled((byte*)result + at, scale, shift);
        }
        else
        {
            Write(sums, scale, shift, width - lane, result, at);
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Write(TVector sums, float* scale, float* shift, int count, void* result, nint at)
    {
        count = Math.Min(count, TVector.Count);
        if (type == DType.UInt8)
        {
            byte* some = stackalloc byte[MostLanes];
            sums.StoreScaled(some, scale, shift);
            new Span<byte>(some, count).CopyTo(new Span<byte>((byte*)result + at, count));
        }
        else
        {
            float* some = stackalloc float[MostLanes];
            sums.StoreScaled(some, scale, shift, relu);
            new Span<float>(some, count).CopyTo(new Span<float>((float*)result + at, count));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Address(float[] pinned, int panel) =>
        (float*)Unsafe.AsPointer(ref pinned[panel * PairBlock<TVector>.PanelWidth]);

    private static float[] InPanels(float[] values, int group)
    {
        int panels = (group + PairBlock<TVector>.PanelWidth - 1) / PairBlock<TVector>.PanelWidth;
        int padded = panels * PairBlock<TVector>.PanelWidth;
        float[] result = GC.AllocateArray<float>(values.Length / group * padded, pinned: true);
        for (int i = 0; i < values.Length; i++)
        {
            result[(i / group * padded) + (i % group)] = values[i];
        }
        return result;
    }
}
