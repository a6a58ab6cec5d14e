namespace Lamina.Torch.Tests.References;

/// <summary>Reads an image at a point: a sum over all its pixels and their repetitions, by distance.</summary>
internal static class SampleReference
{
    public static Array64 Forward(SampleOp op, Array64 x, Array64 points)
    {
        var y = new Array64(x.Sizes[0], points.Sizes[1], points.Sizes[2], x.Sizes[3]);
        foreach (int[] at in y.Indices())
        {
            double row = points[at[0], at[1], at[2], 0];
            double column = points[at[0], at[1], at[2], 1];
            if (op.IsNearest)
            {
                y[at] = Pixel((int)Math.Floor(row + 0.5), (int)Math.Floor(column + 0.5));
                continue;
            }
            double sum = 0;
            for (int r = (int)Math.Floor(row) - 1; r <= row + 2; r++)
            {
                for (int c = (int)Math.Floor(column) - 1; c <= column + 2; c++)
                {
                    double share = Math.Max(0, 1 - Math.Abs(row - r)) * Math.Max(0, 1 - Math.Abs(column - c));
                    sum += share * Pixel(r, c);
                }
            }
            y[at] = sum;

            double Pixel(int r, int c)
            {
                int? i = Index(op.Fill, r, x.Sizes[1]);
                int? j = Index(op.Fill, c, x.Sizes[2]);
                return i is null || j is null ? op.FillValue : x[at[0], i.Value, j.Value, at[3]];
            }
        }
        return y;
    }

    // The pixel that stands at a place beyond the border, found by walking there.
    private static int? Index(FillMode fill, int place, int size)
    {
        if (place >= 0 && place < size)
        {
            return place;
        }
        switch (fill)
        {
            case FillMode.Constant:
                return null;
            case FillMode.Nearest:
                return place < 0 ? 0 : size - 1;
            case FillMode.Wrap:
                return Index(fill, place < 0 ? place + size : place - size, size);
            default:
                return Index(fill, place < 0 ? -1 - place : (2 * size) - 1 - place, size);
        }
    }
}
