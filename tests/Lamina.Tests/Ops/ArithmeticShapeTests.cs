using CsCheck;

namespace Lamina.Tests;

public class ArithmeticShapeTests
{
    [Fact]
    public void Broadcasting_stretches_ones_and_refuses_the_rest()
    {
        var sample = Gen.Int[1, 3].Array[3];
        Gen.Select(sample, sample, sample, WindowGenerators.Batches)
            .Fixed()
            .Sample(
                (a, b, c, batch) =>
                {
                    Shape[] inputs = [.. new[] { a, b, c }.Select(dims => Shape.Of(dims).Batched(batch))];
                    // An axis is one set of sizes: beside 1, at most one size may be in it.
                    int[][] axes = [.. Enumerable.Range(0, 3).Select(i => new[] { a[i], b[i], c[i] })];
                    bool fits = axes.All(sizes => sizes.Where(s => s != 1).Distinct().Count() <= 1);
                    foreach (Op op in (Op[])[new AddOp(), new MultiplyOp()])
                    {
                        if (fits)
                        {
                            Shape expected = Shape.Of([.. axes.Select(sizes => sizes.Max())]).Batched(batch);
                            Assert.Equal(expected, op.InferShape(inputs));
                        }
                        else
                        {
                            Assert.Throws<ShapeException>(() => op.InferShape(inputs));
                        }
                    }
                }
            );
    }

    [Fact]
    public void Broadcasting_needs_one_rank_and_one_batch()
    {
        var error = Assert.Throws<ShapeException>(() =>
            new AddOp().InferShape([
                [null, 4, 4, 2],
                [null, 2],
            ])
        );
        Assert.Contains("(None, 4, 4, 2)", error.Message, StringComparison.Ordinal);
        Assert.Contains("(None, 2)", error.Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() =>
            new AddOp().InferShape([
                [2, 4],
                [3, 4],
            ])
        );
        Assert.Throws<ShapeException>(() =>
            new MultiplyOp().InferShape([
                [null, 4],
                [1, 4],
            ])
        );
    }

    [Fact]
    public void Mean_removes_or_keeps_its_axes()
    {
        Gen.Select(Gen.Int[1, 6].Array[1, 4], Gen.Int[1, 15], Gen.Bool)
            .Fixed()
            .Sample(
                (sample, bits, keep) =>
                {
                    int[] axes = [.. Enumerable.Range(1, sample.Length).Where(axis => (bits & (1 << (axis - 1))) != 0)];
                    Shape x = Shape.Of(sample).Batched();
                    var op = new MeanOp(axes, keep);
                    if (axes.Length == 0)
                    {
                        Assert.Throws<ShapeException>(() => op.InferShape([x]));
                        return;
                    }
                    int?[] expected = keep
                        ? [.. x.Select((d, i) => axes.Contains(i) ? 1 : d)]
                        : [.. x.Where((_, i) => !axes.Contains(i))];
                    Assert.Equal(new Shape(expected), op.InferShape([x]));
                }
            );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(-1)]
    [InlineData(1, 1)]
    public void Mean_refuses_axes_that_are_none(params int[] axes) =>
        Assert.Throws<ShapeException>(() =>
            new MeanOp(axes, true).InferShape([
                [null, 4, 4, 3],
            ])
        );

    [Fact]
    public void Rescale_takes_one_value_or_one_a_channel()
    {
        Shape x = [null, 4, 4, 3];
        Assert.Equal(x, new RescaleOp([2], [1]).InferShape([x]));
        Assert.Equal(x, new RescaleOp([1, 2, 3], [1]).InferShape([x]));
        Assert.Equal(x, new RescaleOp([1], [1, 2, 3]).InferShape([x]));
        Assert.Throws<ShapeException>(() => new RescaleOp([1, 2], [1]).InferShape([x]));
        Assert.Throws<ShapeException>(() => new RescaleOp([1], [1, 2, 3, 4]).InferShape([x]));
        Assert.Throws<ShapeException>(() => new RescaleOp([], [1]).InferShape([x]));
    }

    [Fact]
    public void Linear_replaces_the_last_dimension()
    {
        Assert.Equal(
            [null, 10],
            new LinearOp().InferShape([
                [null, 9216],
                [9216, 10],
                [10],
            ])
        );
        Assert.Equal(
            [null, 4, 4, 10],
            new LinearOp().InferShape([
                [null, 4, 4, 3],
                [3, 10],
            ])
        );
        var error = Assert.Throws<ShapeException>(() =>
            new LinearOp().InferShape([
                [null, 5],
                [4, 10],
            ])
        );
        Assert.Contains("(None, 5)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Batch_normalization_needs_statistics_of_each_channel()
    {
        var op = new BatchNormalizationOp(.99, 1e-3, true, false, true);
        Assert.Equal(
            [null, 4, 4, 3],
            op.InferShape([
                [null, 4, 4, 3],
                [3],
                [3],
                [3],
            ])
        );
        Assert.Equal(
            [null, 7],
            op.InferShape([
                [null, 7],
                [7],
                [7],
                [7],
            ])
        );
        Assert.Throws<ShapeException>(() =>
            op.InferShape([
                [null, 4, 4, 3],
                [4],
                [3],
                [3],
            ])
        );
        Assert.Throws<ShapeException>(() =>
            op.InferShape([
                [null, 4, 4, 3],
                [3],
                [3],
                [3, 1],
            ])
        );
    }

    [Fact]
    public void Softmax_and_local_response_normalization_keep_the_shapes_they_take()
    {
        Assert.Equal(
            [null, 10],
            new SoftmaxOp().InferShape([
                [null, 10],
            ])
        );
        Assert.Throws<ShapeException>(() => new SoftmaxOp().InferShape([Shape.Of(10)]));
        var normalization = new LocalResponseNormalizationOp(5, 1e-4, .75, 2);
        Assert.Equal(
            [null, 4, 4, 3],
            normalization.InferShape([
                [null, 4, 4, 3],
            ])
        );
        Assert.Throws<ShapeException>(() =>
            normalization.InferShape([
                [null, 4],
            ])
        );
    }
}
