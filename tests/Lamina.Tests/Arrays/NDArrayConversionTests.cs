namespace Lamina.Tests.Arrays;

/// <summary>Arrays from other types, parts of arrays, and predicted classes.</summary>
public class NDArrayConversionTests
{
    [Fact]
    public void Numbers_of_any_type_are_copied()
    {
        Assert.Equal([1, 2, 3], NDArray.From((int[])[1, 2, 3]).Values.ToArray());
        Assert.Equal([0, 255], NDArray.From((byte[])[0, 255]).Values.ToArray());
        Assert.Equal([1, 0], NDArray.From((bool[])[true, false]).Values.ToArray());
        Assert.Equal([-5, 1.5f], NDArray.From((decimal[])[-5, 1.5m]).Values.ToArray());
        NDArray matrix = NDArray.From(
            new double[,]
            {
                { 0.5, 1 },
                { 2, 3 },
                { 4, 5 },
            }
        );
        Assert.Equal(Shape.Of(3, 2), matrix.Shape);
        Assert.Equal([0.5f, 1, 2, 3, 4, 5], matrix.Values.ToArray());
        Assert.Equal(Shape.Of(1, 1, 2, 1), NDArray.From(new long[1, 1, 2, 1]).Shape);
    }

    [Fact]
    public void Jagged_arrays_are_copied_if_rectangular()
    {
        NDArray rows = NDArray.From(
            (float[][])
                [
                    [1, 2],
                    [3, 4],
                    [5, 6],
                ]
        );
        Assert.Equal(Shape.Of(3, 2), rows.Shape);
        Assert.Equal([1, 2, 3, 4, 5, 6], rows.Values.ToArray());
        NDArray images = NDArray.From((byte[][,])[new byte[2, 3], new byte[2, 3]]);
        Assert.Equal(Shape.Of(2, 2, 3), images.Shape);
        Refused(
            "rows of the array have different lengths: 1 and 2",
            (int[][])
                [
                    [1, 2],
                    [3],
                ]
        );
        Refused("must be numbers", (string[])["1"]);
        Refused(
            "A row of the array is missing",
            (int[]?[])
                [
                    [1, 2],
                    null,
                ]
        );
    }

    [Fact]
    public void Ranges_of_samples_share_memory_and_slices_do_not()
    {
        NDArray x = NDArray.From(
            (int[][])
                [
                    [1, 2, 3],
                    [4, 5, 6],
                    [7, 8, 9],
                ]
        );
        NDArray last = x[1..];
        Assert.Equal([4, 5, 6, 7, 8, 9], last.Values.ToArray());
        last[0, 0] = 40;
        Assert.Equal(40, x[1, 0]);
        NDArray columns = x.Slice(-1, 1, 2);
        Assert.Equal(Shape.Of(3, 2), columns.Shape);
        Assert.Equal([2, 3, 5, 6, 8, 9], columns.Values.ToArray());
        Assert.Equal([7, 8, 9], x.Slice(0, 2, 1).Values.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => x[2..2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Slice(2, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Slice(1, 2, 2));
    }

    [Fact]
    public void Classes_are_those_with_the_highest_scores()
    {
        NDArray scores = NDArray.From(
            (double[][])
                [
                    [0.1, 0.7, 0.2],
                    [0.4, 0.2, 0.4],
                ]
        );
        Assert.Equal([1, 0], scores.ArgMax());
        IReadOnlyList<IReadOnlyList<ClassScore>> decoded = scores.DecodePredictions(["cat", "dog", "owl"], top: 2);
        Assert.Equal([new(1, "dog", 0.7f), new(2, "owl", 0.2f)], decoded[0]);
        Assert.Equal(["cat", "owl"], decoded[1].Select(c => c.Class));
        Assert.Equal(
            "Predictions (2, 3) do not have one score for each of 2 class names.",
            Assert.Throws<ShapeException>(() => scores.DecodePredictions(["cat", "dog"])).Message
        );
    }

    [Fact]
    public void Shapes_are_written_as_in_Python()
    {
        Assert.Equal(new Shape([null, 224, 224, 3]), Lamina.Layers.Input(shape: (224, 224, 3)).Shape);
        Assert.Equal(new Shape([null, 28, 28]), Lamina.Layers.Input((28, 28)).Shape);
        Assert.Equal(Shape.Of(2, 3, 4, 5), new NDArray((2, 3, 4, 5)).Shape);
    }

    private static void Refused(string part, Array source) =>
        Assert.Contains(
            part,
            Assert.Throws<ArgumentException>(() => NDArray.From(source)).Message,
            StringComparison.Ordinal
        );
}
