using System.Globalization;
using Lamina.Inspect;
using Lamina.Runs.Text;

namespace Lamina.Runs.Inspecting;

/// <summary>Lays out the outputs of every layer for one image as a sheet.</summary>
internal static class ActivationSheet
{
    private const int MostMaps = 12;
    private const int FewestUnits = 64;
    private const double Bright = 0.995;

    public static PictureSheet Of(string image, IReadOnlyList<LayerActivation> layers, SheetTile input, bool isDark) =>
        new()
        {
            Title = $"Activations of {OneLine.Of(Path.GetFileName(image))}",
            Subtitle = string.Create(
                CultureInfo.InvariantCulture,
                $"of each layer the {MostMaps} maps with the largest mean; dense layers as a square. White is a layer's largest value, black its smallest or 0."
            ),
            Rows = [new SheetRow([input]) { Title = "input" }, .. layers.Where(IsShown).Select(Row)],
            TileSize = 72,
            Columns = MostMaps,
            IsDark = isDark,
        };

    private static bool IsShown(LayerActivation layer) =>
        layer.Values.Shape.Rank == 4 || layer.Values.Shape[1] >= FewestUnits;

    private static SheetRow Row(LayerActivation layer)
    {
        float[] values = layer.Values.Values.ToArray();
        (float low, float high) = Range(values);
        int[] dims = layer.Values.Shape.ToArray();
        double zeros = (double)values.Count(v => v == 0) / values.Length;
        SheetTile[] tiles =
            dims.Length == 4
                ? [.. Strongest(values, dims[3]).Select(c => Map(values, dims, c, low, high))]
                : [Square(values, low, high)];
        return new SheetRow(tiles)
        {
            Title = layer.Layer,
            Note = $"{layer.Kind}, {string.Join('×', dims.Skip(1))}, {Words.Percent(zeros)} of the values are 0",
        };
    }

    private static IEnumerable<int> Strongest(float[] values, int channels)
    {
        var sums = new double[channels];
        for (int i = 0; i < values.Length; i++)
        {
            sums[i % channels] += values[i];
        }
        return Enumerable.Range(0, channels).OrderByDescending(c => sums[c]).Take(MostMaps);
    }

    private static SheetTile Map(float[] values, int[] dims, int channel, float low, float high)
    {
        var bytes = new byte[dims[1] * dims[2]];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = ToByte(values[(i * dims[3]) + channel], low, high);
        }
        return new SheetTile(bytes, dims[1], dims[2], 1)
        {
            Caption = string.Create(CultureInfo.InvariantCulture, $"map {channel}"),
        };
    }

    private static SheetTile Square(float[] values, float low, float high)
    {
        int side = (int)Math.Ceiling(Math.Sqrt(values.Length));
        var bytes = new byte[side * side];
        for (int i = 0; i < values.Length; i++)
        {
            bytes[i] = ToByte(values[i], low, high);
        }
        return new SheetTile(bytes, side, side, 1);
    }

    private static (float Low, float High) Range(float[] values)
    {
        float[] sorted = [.. values.Where(float.IsFinite).Order()];
        return sorted.Length == 0 ? (0, 0) : (Math.Min(0, sorted[0]), sorted[(int)(Bright * (sorted.Length - 1))]);
    }

    private static byte ToByte(float value, float low, float high) =>
        high > low && !float.IsNaN(value) ? (byte)Math.Clamp(255 * (value - low) / (high - low), 0, 255) : (byte)0;
}
