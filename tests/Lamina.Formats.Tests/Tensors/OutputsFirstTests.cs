namespace Lamina.Formats.Tests;

/// <summary>The order of kernels, tile by tile, against its definition, index by index.</summary>
public class OutputsFirstTests
{
    [Theory]
    [InlineData(1, 7)]
    [InlineData(3, 1)]
    [InlineData(16, 16)]
    [InlineData(17, 33)]
    [InlineData(15, 100)]
    [InlineData(130, 5000)] // several blocks, strips on several cores
    [InlineData(3, 300_000)] // fewer outputs in a block than in a tile
    [InlineData(2, 600_000)] // an output larger than a block
    [InlineData(1, 600_000)]
    public void Both_directions_are_the_definition(int outputs, int inputs)
    {
        // A permutation of the rows: any number without a common factor.
        int[] rowOf = [.. Enumerable.Range(0, inputs).Select(i => (int)((i * 7919L) % inputs))];
        var layout = new OutputsFirst(outputs, rowOf);
        var theirs = new float[outputs * inputs];
        var ours = new float[outputs * inputs];
        for (int o = 0; o < outputs; o++)
        {
            for (int i = 0; i < inputs; i++)
            {
                float value = (o * inputs) + i;
                theirs[(o * inputs) + i] = value;
                ours[(rowOf[i] * outputs) + o] = value;
            }
        }
        int given = 0;
        var read = new float[theirs.Length];
        layout.Read(
            values =>
            {
                theirs.AsSpan(given, values.Length).CopyTo(values);
                given += values.Length;
            },
            read
        );
        Assert.Equal(theirs.Length, given);
        Assert.True(ours.AsSpan().SequenceEqual(read));

        var written = new List<float>();
        layout.Write(ours, values => written.AddRange(values));
        Assert.True(theirs.AsSpan().SequenceEqual(written.ToArray()));
    }

    [Fact]
    public void Channels_last_is_the_order_of_a_flattened_image() =>
        Assert.Equal([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11], OutputsFirst.ChannelsLast(channels: 3, positions: 4));
}
