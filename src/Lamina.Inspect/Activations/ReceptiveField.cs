namespace Lamina.Inspect;

/// <summary>A rectangle of pixels; parts of it may lie outside of the image.</summary>
/// <param name="Top">The first row.</param>
/// <param name="Left">The first column.</param>
/// <param name="Bottom">The row after the last.</param>
/// <param name="Right">The column after the last.</param>
public readonly record struct PixelArea(int Top, int Left, int Bottom, int Right)
{
    /// <summary>Returns the smallest rectangle that contains both.</summary>
    internal PixelArea And(PixelArea other) =>
        new(
            Math.Min(Top, other.Top),
            Math.Min(Left, other.Left),
            Math.Max(Bottom, other.Bottom),
            Math.Max(Right, other.Right)
        );
}

/// <summary>The pixels of the input that a value of a map depends on, through all paths.</summary>
public static class ReceptiveField
{
    /// <summary>Returns the pixels that one position of a map depends on.</summary>
    /// <param name="maps">The maps, (batch, height, width, channels).</param>
    /// <param name="row">The row of the position.</param>
    /// <param name="column">The column of the position.</param>
    /// <returns>
    /// The area in pixels of the input, including padding outside of it; the whole input if an op on the way mixes all
    /// positions.
    /// </returns>
    public static PixelArea Of(Symbol maps, int row, int column)
    {
        ArgumentNullException.ThrowIfNull(maps);
        IReadOnlyList<OpNode> nodes = SpatialLayers.Nodes(maps);
        Dictionary<OpNode, PixelArea> areas = new() { [maps.Producer] = new(row, column, row + 1, column + 1) };
        PixelArea? found = null;
        foreach (OpNode node in nodes.Reverse())
        {
            if (!areas.TryGetValue(node, out PixelArea area))
            {
                continue;
            }
            if (node.Op is InputOp)
            {
                found = found is { } before ? before.And(area) : area;
                continue;
            }
            foreach (Symbol input in node.Inputs.Where(i => i.Producer.Op is not (ParameterOp or ConstantOp)))
            {
                PixelArea read = Read(node, input, area);
                areas[input.Producer] = areas.TryGetValue(input.Producer, out PixelArea known) ? known.And(read) : read;
            }
        }
        return found ?? throw new GraphException($"{maps}: does not depend on an input.");
    }

    private static PixelArea Read(OpNode node, Symbol input, PixelArea area) =>
        node.Op switch
        {
            _ when input.Shape.Rank != 4 || node.Shape.Rank != 4 => Whole(input),
            ConvolutionOp op => Windows(
                area,
                new Size2(node.Inputs[1].Shape[0]!.Value, node.Inputs[1].Shape[1]!.Value),
                op.Strides,
                op.Pads,
                op.Dilation
            ),
            MaxPoolOp op => Windows(area, op.Window, op.Strides, op.Pads, new Size2(1)),
            AveragePoolOp op => Windows(area, op.Window, op.Strides, op.Pads, new Size2(1)),
            PadOp op => new PixelArea(
                area.Top - op.Pads.Top,
                area.Left - op.Pads.Left,
                area.Bottom - op.Pads.Top,
                area.Right - op.Pads.Left
            ),
            AdaptiveAveragePoolOp or SliceOp or TransposeOp or ReshapeOp => Whole(input),
            _ when input.Shape[1] == node.Shape[1] && input.Shape[2] == node.Shape[2] => area,
            _ => Whole(input),
        };

    private static PixelArea Windows(PixelArea area, Size2 window, Size2 strides, Pads2 pads, Size2 dilation) =>
        new(
            (area.Top * strides.Height) - pads.Top,
            (area.Left * strides.Width) - pads.Left,
            ((area.Bottom - 1) * strides.Height) - pads.Top + ((window.Height - 1) * dilation.Height) + 1,
            ((area.Right - 1) * strides.Width) - pads.Left + ((window.Width - 1) * dilation.Width) + 1
        );

    private static PixelArea Whole(Symbol input) =>
        input.Shape.Rank == 4 ? new(0, 0, input.Shape[1]!.Value, input.Shape[2]!.Value) : new(0, 0, 1, 1);
}
