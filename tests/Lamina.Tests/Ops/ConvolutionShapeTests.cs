using CsCheck;

namespace Lamina.Tests;

public class ConvolutionShapeTests
{
    [Fact]
    public void Output_is_the_count_of_windows_for_any_pads_strides_dilation_and_groups()
    {
        var channels = Gen.Select(Gen.Int[1, 4], Gen.Int[1, 3], Gen.Int[1, 3]);
        Gen.Select(WindowGenerators.Axes, WindowGenerators.Axes, channels, WindowGenerators.Batches)
            .Fixed()
            .Sample(
                (rows, columns, channels, batch) =>
                {
                    (int groups, int inputsPerGroup, int filtersPerGroup) = channels;
                    Shape x = [batch, rows.N, columns.N, groups * inputsPerGroup];
                    Shape kernel = Shape.Of(rows.Window, columns.Window, inputsPerGroup, groups * filtersPerGroup);
                    var op = new ConvolutionOp(
                        (rows.Stride, columns.Stride),
                        WindowGenerators.Pads(rows, columns),
                        (rows.Dilation, columns.Dilation),
                        groups
                    );
                    if (rows.Counted == 0 || columns.Counted == 0)
                    {
                        string message = Assert.Throws<ShapeException>(() => op.InferShape([x, kernel])).Message;
                        Assert.Contains($"{rows.Window}×{columns.Window}", message, StringComparison.Ordinal);
                        Assert.Contains($"{rows.N}×{columns.N}", message, StringComparison.Ordinal);
                        return;
                    }
                    Shape expected = [batch, rows.Counted, columns.Counted, groups * filtersPerGroup];
                    Assert.Equal(expected, op.InferShape([x, kernel]));
                }
            );
    }

    [Fact]
    public void Same_pads_give_a_window_at_every_stride_and_the_odd_pixel_goes_after()
    {
        Gen.Select(WindowGenerators.Axes, WindowGenerators.Axes)
            .Fixed()
            .Sample(
                (rows, columns) =>
                {
                    Size2 window = (rows.Window, columns.Window);
                    Size2 strides = (rows.Stride, columns.Stride);
                    Size2 dilation = (rows.Dilation, columns.Dilation);
                    Pads2 pads = Pads2.Same(rows.N, columns.N, window, strides, dilation);

                    Assert.InRange(pads.Bottom - pads.Top, 0, 1);
                    Assert.InRange(pads.Right - pads.Left, 0, 1);
                    Axis paddedRows = rows with { Before = pads.Top, After = pads.Bottom };
                    Axis paddedColumns = columns with { Before = pads.Left, After = pads.Right };
                    Assert.Equal(WindowCounting.CountSame(rows.N, rows.Stride), paddedRows.Counted);
                    Assert.Equal(WindowCounting.CountSame(columns.N, columns.Stride), paddedColumns.Counted);
                    AssertLeast(paddedRows);
                    AssertLeast(paddedColumns);

                    var op = new ConvolutionOp(strides, pads, dilation, 1);
                    Shape output = op.InferShape([
                        [null, rows.N, columns.N, 1],
                        [rows.Window, columns.Window, 1, 5],
                    ]);
                    Assert.Equal([null, paddedRows.Counted, paddedColumns.Counted, 5], output);
                }
            );

        // No pixel of padding is spare: with one less after, a window is lost (or there was none).
        static void AssertLeast(Axis axis)
        {
            if (axis.After > 0)
            {
                Assert.Equal(axis.Counted - 1, (axis with { After = axis.After - 1 }).Counted);
            }
        }
    }

    [Theory]
    [InlineData(224, 11, 4, 1, 56, 3, 4)] // conv1 of the walkthrough
    [InlineData(27, 5, 1, 1, 27, 2, 2)]
    [InlineData(13, 3, 1, 1, 13, 1, 1)]
    [InlineData(13, 11, 4, 1, 4, 5, 5)] // conv5 of the listing
    [InlineData(5, 2, 1, 1, 5, 0, 1)]
    [InlineData(5, 1, 2, 1, 3, 0, 0)]
    [InlineData(4, 1, 3, 1, 2, 0, 0)]
    [InlineData(10, 3, 1, 2, 10, 2, 2)]
    [InlineData(1, 1, 7, 1, 1, 0, 0)]
    public void Same_in_numbers(int n, int window, int stride, int dilation, int outputs, int before, int after)
    {
        Pads2 pads = Pads2.Same(n, n, window, stride, dilation);
        Assert.Equal(new Pads2(before, after, before, after), pads);
        Assert.Equal(before == after, pads.IsSymmetric);
        var op = new ConvolutionOp(stride, pads, dilation, 1);
        Assert.Equal(
            [null, outputs, outputs, 1],
            op.InferShape([
                [null, n, n, 1],
                [window, window, 1, 1],
            ])
        );
    }

    [Theory]
    [InlineData(224, 3, 0, 55)] // the paper: (before, after) = (0, 3) gives 55, as 227 'valid' does
    [InlineData(227, 0, 0, 55)]
    [InlineData(224, 2, 2, 55)] // torchvision
    [InlineData(224, 1, 1, 54)] // d2l
    [InlineData(224, 0, 0, 54)]
    public void The_first_layers_of_the_family(int n, int after, int before, int outputs)
    {
        var op = new ConvolutionOp(4, new Pads2(before, after, before, after), 1, 1);
        Assert.Equal(
            [null, outputs, outputs, 96],
            op.InferShape([
                [null, n, n, 3],
                [11, 11, 3, 96],
            ])
        );
    }

    [Theory]
    [InlineData(3, 2, 4, 2)] // groups do not divide the channels
    [InlineData(4, 2, 3, 2)] // groups do not divide the filters
    [InlineData(4, 4, 4, 2)] // the kernel sees all channels although there are two groups
    [InlineData(3, 2, 4, 1)] // the kernel is made for other channels
    public void A_kernel_that_does_not_fit_the_channels_is_refused(int channels, int depth, int filters, int groups)
    {
        var op = new ConvolutionOp(1, Pads2.None, 1, groups);
        var error = Assert.Throws<ShapeException>(() =>
            op.InferShape([
                [null, 8, 8, channels],
                [3, 3, depth, filters],
            ])
        );
        Assert.Contains("group", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_are_needed()
    {
        var op = new ConvolutionOp(1, Pads2.None, 1, 1);
        var error = Assert.Throws<ShapeException>(() =>
            op.InferShape([
                [null, 100],
                [3, 3, 1, 1],
            ])
        );
        Assert.Contains("(None, 100)", error.Message, StringComparison.Ordinal);
    }
}
