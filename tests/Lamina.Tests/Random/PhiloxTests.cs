namespace Lamina.Tests;

/// <summary>The known-answer vectors that Random123 publishes for Philox4x32-10 (its kat_vectors file).</summary>
public class PhiloxTests
{
    [Theory]
    [InlineData("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8")]
    [InlineData("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd")]
    [InlineData("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1")]
    public void Block_gives_the_published_words(string counter, string key, string words)
    {
        uint[] c = Parse(counter);
        uint[] k = Parse(key);
        RandomStream.Vector4U block = RandomStream.Block(c[0] | ((ulong)c[1] << 32), c[2], c[3], k[0], k[1]);
        Assert.Equal(Parse(words), new[] { block.A, block.B, block.C, block.D });
    }

    [Fact]
    public void A_stream_is_the_blocks_of_its_key_in_order()
    {
        var stream = new RandomStream(1, RandomPurpose.User, step: 3, index: 2);
        uint[] first = [.. Enumerable.Range(0, 12).Select(_ => stream.NextUInt32())];
        var again = new RandomStream(1, RandomPurpose.User, step: 3, index: 2);
        uint[] second = [.. Enumerable.Range(0, 12).Select(_ => again.NextUInt32())];
        Assert.Equal(first, second);
        Assert.Equal(12, first.Distinct().Count());
    }

    private static uint[] Parse(string words) => [.. words.Split(' ').Select(w => Convert.ToUInt32(w, 16))];
}
