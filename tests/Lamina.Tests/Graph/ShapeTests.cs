using CsCheck;

namespace Lamina.Tests;

public class ShapeTests
{
    [Fact]
    public void Prints_as_Keras_does()
    {
        Assert.Equal("(None, 224, 224, 3)", new Shape(null, 224, 224, 3).ToString());
        Assert.Equal("(None,)", new Shape((int?)null).ToString());
        Assert.Equal("(5,)", Shape.Of(5).ToString());
        Assert.Equal("(2, 3)", Shape.Of(2, 3).ToString());
        Assert.Equal("()", default(Shape).ToString());
    }

    [Fact]
    public void Only_the_batch_may_be_unknown_and_no_dimension_below_one()
    {
        Assert.Throws<ShapeException>(() => new Shape(2, null));
        Assert.Throws<ShapeException>(() => new Shape(null, 0));
        Assert.Throws<ShapeException>(() => Shape.Of(3, -1));
        Assert.Throws<ShapeException>(() => Shape.Of(3).WithBatch(0));
        Assert.Throws<ShapeException>(() => Shape.Of(3).With(0, 0));
    }

    [Fact]
    public void Equality_is_by_dimensions_and_agrees_with_hash_codes()
    {
        Gen<Shape> shapes = Gen.Int[0, 3]
            .Array[0, 3]
            .Select(dims => new Shape([.. dims.Select((d, i) => i == 0 && d == 0 ? (int?)null : Math.Max(1, d))]));
        Gen.Select(shapes, shapes)
            .Fixed()
            .Sample(
                (a, b) =>
                {
                    bool same = a.Select(d => d ?? -1).SequenceEqual(b.Select(d => d ?? -1));
                    Assert.Equal(same, a == b);
                    Assert.Equal(!same, a != b);
                    Assert.Equal(same, a.Equals((object)b));
                    Assert.True(!same || a.GetHashCode() == b.GetHashCode());
                }
            );
    }

    [Fact]
    public void Counts_elements_and_samples()
    {
        Shape known = Shape.Of(2, 3, 4, 5);
        Assert.Equal(120, known.ElementCount);
        Assert.Equal(60, known.SampleCount);
        Assert.Equal([2, 3, 4, 5], known.ToArray());
        Shape unknown = known.WithBatch(null);
        Assert.True(unknown.HasUnknownBatch);
        Assert.Equal(60, unknown.SampleCount);
        Assert.Throws<ShapeException>(() => unknown.ElementCount);
        Assert.Throws<ShapeException>(() => unknown.ToArray());
        // Above 2³¹ elements.
        Assert.Equal(5_000_000_000, Shape.Of(50_000, 100_000).ElementCount);
        Assert.Throws<OverflowException>(() => Shape.Of(int.MaxValue, int.MaxValue, int.MaxValue).ElementCount);
    }

    [Fact]
    public void Batches_and_samples_are_inverse()
    {
        Shape sample = Shape.Of(4, 5, 6);
        Assert.Equal([null, 4, 5, 6], sample.Batched());
        Assert.Equal([7, 4, 5, 6], sample.Batched(7));
        Assert.Equal(sample, sample.Batched(7).Sample);
        Assert.Equal([null, 4, 9, 6], sample.Batched().With(2, 9));
        Assert.Equal(6, sample[^1]);
    }
}
