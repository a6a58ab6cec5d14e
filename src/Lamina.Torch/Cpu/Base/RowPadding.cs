using System.Runtime.CompilerServices;
using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>Padding by copies of whole rows of float32 pixels, in one pass.</summary>
internal sealed unsafe class RowPadding : PaddingCopies
{
    private RowPadding() { }

    /// <summary>The only instance.</summary>
    public static RowPadding Instance { get; } = new();

    /// <inheritdoc/>
    public override Tensor Pad(Tensor x, Pads2 pads, double value = 0)
    {
        Tensor result = Tensor.Empty([
            x.Sizes[0],
            x.Sizes[1] + pads.Top + pads.Bottom,
            x.Sizes[2] + pads.Left + pads.Right,
            x.Sizes[3],
        ]);
        var rows = new Rows(x, result, x.ReadData, result.WriteData(), pads, (float)value);
        ElementLoop.Run(x.Sizes[0] * result.Sizes[1], &PadRows, &rows, rows.Grain);
        return result;
    }

    /// <inheritdoc/>
    public override Tensor Crop(Tensor padded, Pads2 pads)
    {
        long[] sizes = CroppedSizes(padded, pads);
        Tensor result = Tensor.Empty(sizes);
        var rows = new Rows(result, padded, result.WriteData(), padded.ReadData, pads, 0);
        ElementLoop.Run(sizes[0] * sizes[1], &CropRows, &rows, rows.Grain);
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PadRows(long begin, long end, void* context)
    {
        var rows = (Rows*)context;
        for (long row = begin; row < end; row++)
        {
            (long image, long y) = Math.DivRem(row, rows->OuterHeight);
            var target = new Span<float>(rows->Outer + (row * rows->OuterRow), (int)rows->OuterRow);
            y -= rows->Top;
            if (y < 0 || y >= rows->Height)
            {
                target.Fill(rows->Value);
                continue;
            }
            var source = new Span<float>(
                rows->Inner + (((image * rows->Height) + y) * rows->InnerRow),
                (int)rows->InnerRow
            );
            target[..rows->Before].Fill(rows->Value);
            source.CopyTo(target[rows->Before..]);
            target[(rows->Before + source.Length)..].Fill(rows->Value);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CropRows(long begin, long end, void* context)
    {
        var rows = (Rows*)context;
        for (long row = begin; row < end; row++)
        {
            (long image, long y) = Math.DivRem(row, rows->Height);
            long from = (((image * rows->OuterHeight) + y + rows->Top) * rows->OuterRow) + rows->Before;
            new Span<float>(rows->Outer + from, (int)rows->InnerRow).CopyTo(
                new Span<float>(rows->Inner + (row * rows->InnerRow), (int)rows->InnerRow)
            );
        }
    }

    private readonly struct Rows(
        Tensor inner,
        Tensor outer,
        float* innerData,
        float* outerData,
        Pads2 pads,
        float value
    )
    {
        public readonly float* Inner = innerData;
        public readonly float* Outer = outerData;
        public readonly long Height = inner.Sizes[1];
        public readonly long OuterHeight = outer.Sizes[1];
        public readonly long InnerRow = inner.Sizes[2] * inner.Sizes[3];
        public readonly long OuterRow = outer.Sizes[2] * outer.Sizes[3];
        public readonly int Top = pads.Top;
        public readonly int Before = checked((int)(pads.Left * inner.Sizes[3]));
        public readonly float Value = value;

        public long Grain => Math.Max(1, ElementLoop.Grain / OuterRow);
    }
}
