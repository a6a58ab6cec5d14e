using CsCheck;

namespace Lamina.Tests;

public class LayoutShapeTests
{
    private static readonly Gen<int[]> s_samples = Gen.Int[1, 6].Array[1, 4];

    private static Shape Batched(IEnumerable<int> sample) => Shape.Of([.. sample]).Batched();

    [Fact]
    public void Concat_adds_up_one_axis()
    {
        Gen.Select(s_samples, Gen.Int[0, 3], Gen.Int[1, 5].Array[1, 4])
            .Fixed()
            .Sample(
                (sample, place, sizes) =>
                {
                    int axis = place % sample.Length;
                    Shape[] inputs = [.. sizes.Select(size => Batched(sample).With(axis + 1, size))];
                    Assert.Equal(
                        Batched(sample).With(axis + 1, sizes.Sum()),
                        new ConcatOp(axis + 1).InferShape(inputs)
                    );
                }
            );
    }

    [Fact]
    public void Concat_refuses_other_differences_ranks_and_axes()
    {
        var op = new ConcatOp(3);
        var error = Assert.Throws<ShapeException>(() =>
            op.InferShape([
                [null, 4, 4, 2],
                [null, 4, 5, 2],
            ])
        );
        Assert.Contains(
            "(None, 4, 5, 2) cannot be concatenated to (None, 4, 4, 2)",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ShapeException>(() =>
            op.InferShape([
                [null, 4, 4, 2],
                [null, 2],
            ])
        );
        Assert.Throws<ShapeException>(() =>
            op.InferShape([
                [2, 4, 4, 2],
                [3, 4, 4, 2],
            ])
        );
        Assert.Throws<ShapeException>(() =>
            new ConcatOp(0).InferShape([
                [null, 4],
                [null, 4],
            ])
        );
        Assert.Throws<ShapeException>(() =>
            new ConcatOp(2).InferShape([
                [null, 4],
                [null, 4],
            ])
        );
        Assert.Throws<ShapeException>(() =>
            new ConcatOp(-1).InferShape([
                [null, 4],
                [null, 4],
            ])
        );
    }

    [Fact]
    public void Slice_takes_the_ranges_that_exist_and_no_others()
    {
        Gen.Select(s_samples, Gen.Int[-1, 5], Gen.Int[-2, 7], Gen.Int[-1, 8])
            .Fixed()
            .Sample(
                (sample, axis, start, count) =>
                {
                    Shape x = Batched(sample);
                    var op = new SliceOp(axis, start, count);
                    // By indices: all of start … start + count − 1 are on the axis, and there is one.
                    bool exists =
                        axis >= 1
                        && axis < x.Rank
                        && count > 0
                        && Enumerable.Range(start, count).All(i => i >= 0 && i < x[axis]);
                    if (exists)
                    {
                        Assert.Equal(x.With(axis, count), op.InferShape([x]));
                    }
                    else
                    {
                        Assert.Throws<ShapeException>(() => op.InferShape([x]));
                    }
                }
            );
    }

    [Fact]
    public void Slice_of_a_huge_range_does_not_overflow() =>
        Assert.Throws<ShapeException>(() =>
            new SliceOp(1, 1, int.MaxValue).InferShape([
                [null, 5],
            ])
        );

    [Fact]
    public void Transpose_moves_dimensions_and_its_inverse_moves_them_back()
    {
        Gen.Select(s_samples, Gen.Int)
            .Fixed()
            .Sample(
                (sample, seed) =>
                {
                    int[] permutation = [.. Enumerable.Range(1, sample.Length)];
                    new Random(seed).Shuffle(permutation);
                    Shape x = Batched(sample);
                    Shape y = new TransposeOp(permutation).InferShape([x]);
                    for (int i = 0; i < permutation.Length; i++)
                    {
                        Assert.Equal(x[permutation[i]], y[i + 1]);
                    }
                    int[] inverse =
                    [
                        .. Enumerable.Range(1, sample.Length).Select(d => Array.IndexOf(permutation, d) + 1),
                    ];
                    Assert.Equal(x, new TransposeOp(inverse).InferShape([y]));
                }
            );
    }

    [Theory]
    [InlineData(1, 1, 2)]
    [InlineData(0, 1, 2)]
    [InlineData(1, 2)]
    [InlineData(1, 2, 4)]
    [InlineData(1, 2, 3, 4)]
    public void Transpose_refuses_what_is_no_permutation(params int[] permutation) =>
        Assert.Throws<ShapeException>(() =>
            new TransposeOp(permutation).InferShape([
                [null, 4, 5, 6],
            ])
        );

    [Fact]
    public void Reshape_keeps_the_count_and_the_batch()
    {
        Gen.Select(s_samples, s_samples, WindowGenerators.Batches)
            .Fixed()
            .Sample(
                (from, to, batch) =>
                {
                    var op = new ReshapeOp(Shape.Of(to));
                    Shape x = Batched(from).WithBatch(batch);
                    if (from.Aggregate(1L, (a, b) => a * b) == to.Aggregate(1L, (a, b) => a * b))
                    {
                        Assert.Equal(Batched(to).WithBatch(batch), op.InferShape([x]));
                    }
                    else
                    {
                        Assert.Throws<ShapeException>(() => op.InferShape([x]));
                    }
                }
            );
    }

    [Fact]
    public void Flattening_the_last_pool_gives_9216() =>
        Assert.Equal(
            [null, 9216],
            new ReshapeOp(Shape.Of(9216)).InferShape([
                [null, 6, 6, 256],
            ])
        );

    [Fact]
    public void Pad_adds_to_each_side()
    {
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 5], Gen.Int[0, 5], Gen.Int[0, 5])
            .Fixed()
            .Sample(
                (top, bottom, left, right) =>
                    Assert.Equal(
                        [null, 7 + top + bottom, 5 + left + right, 3],
                        new PadOp(new Pads2(top, bottom, left, right)).InferShape([
                            [null, 7, 5, 3],
                        ])
                    )
            );
        Assert.Throws<ShapeException>(() =>
            new PadOp(new Pads2(1, 1, 1, 1)).InferShape([
                [null, 7],
            ])
        );
    }
}
