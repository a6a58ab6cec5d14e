using CsCheck;

namespace Lamina.Tests;

public class PoolShapeTests
{
    [Fact]
    public void Output_is_the_count_of_windows_channels_unchanged()
    {
        Gen.Select(WindowGenerators.Axes, WindowGenerators.Axes, Gen.Int[1, 5], WindowGenerators.Batches)
            .Fixed()
            .Sample(
                (rows, columns, channels, batch) =>
                {
                    // Pools are not dilated, and a pad stays below the window.
                    rows = rows with
                    {
                        Dilation = 1,
                        Before = rows.Before % rows.Window,
                        After = rows.After % rows.Window,
                    };
                    columns = columns with
                    {
                        Dilation = 1,
                        Before = columns.Before % columns.Window,
                        After = columns.After % columns.Window,
                    };
                    Size2 window = (rows.Window, columns.Window);
                    Size2 strides = (rows.Stride, columns.Stride);
                    Pads2 pads = WindowGenerators.Pads(rows, columns);
                    Shape x = [batch, rows.N, columns.N, channels];
                    foreach (
                        Op op in (Op[])[new MaxPoolOp(window, strides, pads), new AveragePoolOp(window, strides, pads)]
                    )
                    {
                        if (rows.Counted == 0 || columns.Counted == 0)
                        {
                            Assert.Throws<ShapeException>(() => op.InferShape([x]));
                        }
                        else
                        {
                            Assert.Equal([batch, rows.Counted, columns.Counted, channels], op.InferShape([x]));
                        }
                    }
                }
            );
    }

    [Fact]
    public void Same_gives_one_window_at_every_stride()
    {
        Gen.Select(WindowGenerators.Axes, WindowGenerators.Axes)
            .Fixed()
            .Sample(
                (rows, columns) =>
                {
                    Size2 window = (rows.Window, columns.Window);
                    Size2 strides = (rows.Stride, columns.Stride);
                    Pads2 pads = Pads2.Same(rows.N, columns.N, window, strides, Size2.One);
                    Shape expected =
                    [
                        null,
                        WindowCounting.CountSame(rows.N, rows.Stride),
                        WindowCounting.CountSame(columns.N, columns.Stride),
                        2,
                    ];
                    Assert.Equal(
                        expected,
                        new MaxPoolOp(window, strides, pads).InferShape([
                            [null, rows.N, columns.N, 2],
                        ])
                    );
                    // No window may lie on padding alone: its maximum would be −∞, its mean 0 / 0.
                    Assert.True(pads.Top < rows.Window && pads.Bottom < rows.Window);
                    Assert.True(pads.Left < columns.Window && pads.Right < columns.Window);
                }
            );
    }

    [Theory]
    [InlineData(56, 27)]
    [InlineData(27, 13)]
    [InlineData(13, 6)]
    [InlineData(55, 27)]
    [InlineData(3, 1)]
    public void Overlapping_pools_of_the_family(int n, int outputs) =>
        Assert.Equal(
            [null, outputs, outputs, 96],
            new MaxPoolOp(3, 2, Pads2.None).InferShape([
                [null, n, n, 96],
            ])
        );

    [Fact]
    public void A_window_larger_than_its_input_says_so()
    {
        var error = Assert.Throws<ShapeException>(() =>
            new MaxPoolOp(3, 2, Pads2.None).InferShape([
                [null, 2, 5, 1],
            ])
        );
        Assert.Contains("3×3 'valid' window does not fit its 2×5 input", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
