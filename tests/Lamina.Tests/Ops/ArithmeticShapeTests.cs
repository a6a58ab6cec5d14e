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
                    foreach (
                        Op op in (Op[])[new AddOp(), new MultiplyOp(), new BinaryOp(BinaryKind.Power), new WhereOp()]
                    )
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
    public void Broadcasting_aligns_shapes_at_the_last_dimension()
    {
        (Shape A, Shape B, Shape Result)[] cases =
        [
            ([null, 8, 8, 3], [1, 1, 1, 3], [null, 8, 8, 3]),
            ([null, 8, 8, 3], [3], [null, 8, 8, 3]),
            ([null, 8, 8, 3], [], [null, 8, 8, 3]),
            ([8, 1, 3], [null, 8, 8, 3], [null, 8, 8, 3]),
            ([null, 1], [4], [null, 4]),
            ([1, 4], [null, 4], [null, 4]),
            ([null], [], [null]),
            ([2, 1], [1, 3], [2, 3]),
            ([5, 4], [6, 5, 1], [6, 5, 4]),
        ];
        foreach ((Shape a, Shape b, Shape result) in cases)
        {
            Assert.Equal(result, new AddOp().InferShape([a, b]));
            Assert.Equal(result, new MultiplyOp().InferShape([b, a]));
            Assert.Equal(result, new BinaryOp(BinaryKind.Less).InferShape([a, b]));
        }
    }

    [Fact]
    public void Broadcasting_refuses_what_meets_the_batch_or_differs()
    {
        (Shape A, Shape B)[] cases =
        [
            ([null, 4, 4, 2], [null, 2]),
            ([2, 4], [3, 4]),
            ([null, 4], [2, 4]),
            ([null], [4]),
            ([null, 4], [3, 1, 4]),
            ([null, 4], [3]),
        ];
        foreach ((Shape a, Shape b) in cases)
        {
            var error = Assert.Throws<ShapeException>(() => new AddOp().InferShape([a, b]));
            Assert.Contains(a.ToString(), error.Message, StringComparison.Ordinal);
            Assert.Contains(b.ToString(), error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Matrix_products_broadcast_what_comes_before_the_matrices()
    {
        (Shape A, Shape B, Shape? Result)[] cases =
        [
            ([null, 4], [4, 3], [null, 3]),
            ([null, 5, 4], [4, 3], [null, 5, 3]),
            ([null, 5, 4], [null, 4, 3], [null, 5, 3]),
            ([null, 7, 5, 4], [7, 4, 3], [null, 7, 5, 3]),
            ([5, 4], [null, 4, 3], [null, 5, 3]),
            ([null, 4], [null, 4], null),
            ([null, 4], [5, 4, 3], null),
            ([null, 4], [4], null),
            ([null, 4], [3, 4], null),
            ([null, 6, 5, 4], [7, 4, 3], null),
        ];
        foreach ((Shape a, Shape b, Shape? result) in cases)
        {
            if (result is { } shape)
            {
                Assert.Equal(shape, new MatMulOp().InferShape([a, b]));
            }
            else
            {
                Assert.Throws<ShapeException>(() => new MatMulOp().InferShape([a, b]));
            }
        }
    }

    [Fact]
    public void Reductions_may_remove_the_batch()
    {
        Shape x = [null, 4, 3];
        Assert.Equal([4, 3], new ReduceOp(ReduceKind.Sum, [0], false).InferShape([x]));
        Assert.Equal([1, 4, 1], new ReduceOp(ReduceKind.Max, [0, 2], true).InferShape([x]));
        Assert.Equal(Shape.Of(), new ReduceOp(ReduceKind.Sum, [0, 1, 2], false).InferShape([x]));
        Assert.Equal([null, 4], new ArgMaxOp(2).InferShape([x]));
        Assert.Equal([null, 4, 3, 7], new OneHotOp(7).InferShape([x]));
        Assert.Throws<ShapeException>(() => new ReduceOp(ReduceKind.Sum, [3], false).InferShape([x]));
        Assert.Throws<ShapeException>(() => new ReduceOp(ReduceKind.Sum, [1, 1], false).InferShape([x]));
        Assert.Throws<ShapeException>(() => new ArgMaxOp(-1).InferShape([x]));
        Assert.Throws<ShapeException>(() => new ConstantOp([1, 2], Shape.Of(3)).InferShape([]));
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
