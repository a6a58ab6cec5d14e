namespace Lamina;

/// <summary>A window's strides, padding and dilation, as Conv and the pools define them.</summary>
/// <param name="Window">The height and width of the window.</param>
/// <param name="Strides">The distance between windows.</param>
/// <param name="Dilation">The distance between taps.</param>
/// <param name="Pads">The padding, including what rounding sizes up adds.</param>
/// <param name="Declared">The padding that the file declares.</param>
internal readonly record struct ImportedWindow(Size2 Window, Size2 Strides, Size2 Dilation, Pads2 Pads, Pads2 Declared)
{
    /// <summary>Returns the padding for a layer: by name if a name is equivalent.</summary>
    public Padding PaddingFor(Shape images) => PaddingOf(Pads, images);

    private Padding PaddingOf(Pads2 pads, Shape images)
    {
        int height = images[1]!.Value;
        int width = images[2]!.Value;
        return pads == Pads2.None ? Padding.Valid
            : pads == Pads2.Same(height, width, Window, Strides, Dilation) ? Padding.Same
            : Padding.Explicit(pads.Top, pads.Bottom, pads.Left, pads.Right);
    }

    /// <summary>Reads the attributes.</summary>
    /// <param name="node">The node.</param>
    /// <param name="images">The images' shape, (N, H, W, C).</param>
    /// <param name="kernel">The height and width of the window, if the weights determine it.</param>
    public static ImportedWindow Read(ImportedNode node, Shape images, Size2? kernel)
    {
        Size2 window = Extents(node, "kernel_shape", kernel);
        if (kernel is { } known && window != known)
        {
            throw node.Error($"has a kernel_shape of {window} but a kernel of {known}");
        }
        Size2 strides = Extents(node, "strides", Size2.One);
        Size2 dilation = Extents(node, "dilations", Size2.One);
        Size2 size = (images[1]!.Value, images[2]!.Value);
        string auto = node.Text("auto_pad", "NOTSET");
        long[] declared = node.Ints("pads") ?? [0, 0, 0, 0];
        if (declared.Length != 4 || declared.Any(p => p is < 0 or > int.MaxValue))
        {
            throw node.Error("its pads must be four numbers that are not negative");
        }
        Pads2 same = Pads2.Same(size.Height, size.Width, window, strides, dilation);
        Pads2 pads = auto switch
        {
            "NOTSET" => new Pads2((int)declared[0], (int)declared[2], (int)declared[1], (int)declared[3]),
            "VALID" => Pads2.None,
            "SAME_UPPER" => same,
            "SAME_LOWER" => new Pads2(same.Bottom, same.Top, same.Right, same.Left),
            _ => throw node.Error($"has the unknown auto_pad {Quoted.Name(auto)}"),
        };
        Pads2 all =
            node.Int("ceil_mode", 0) == 0 || auto != "NOTSET" ? pads : RoundedUp(pads, size, window, strides, dilation);
        return new ImportedWindow(window, strides, dilation, all, pads);
    }

    // The last window may extend over the edge; it must begin on the image or before it.
    private static Pads2 RoundedUp(Pads2 pads, Size2 size, Size2 window, Size2 strides, Size2 dilation)
    {
        return pads with
        {
            Bottom = After(size.Height, window.Height, strides.Height, dilation.Height, pads.Top, pads.Bottom),
            Right = After(size.Width, window.Width, strides.Width, dilation.Width, pads.Left, pads.Right),
        };

        static int After(int n, int window, int stride, int dilation, int before, int after)
        {
            long span = ((long)(window - 1) * dilation) + 1;
            long room = (long)n + before + after - span;
            if (room < 0)
            {
                return after;
            }
            long last = (room + stride - 1) / stride;
            if (last * stride >= (long)n + before)
            {
                last--;
            }
            return checked((int)Math.Max(after, (last * stride) + span - n - before));
        }
    }

    private static Size2 Extents(ImportedNode node, string name, Size2? missing)
    {
        if (node.Ints(name) is not { } values)
        {
            return missing ?? throw node.Error($"lacks {name}");
        }
        return values is [>= 1 and <= int.MaxValue, >= 1 and <= int.MaxValue]
            ? new Size2((int)values[0], (int)values[1])
            : throw node.Error($"its {name} must be two numbers of at least 1: Lamina's windows are two-dimensional");
    }
}
