namespace Lamina.Torch.Tests.Simd;

public class VectorWidthTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void The_widest_vectors_are_the_default(string? limit) =>
        Assert.Equal(VectorWidth.Widest, VectorWidth.Choose(limit));

    [Fact]
    public void Narrower_vectors_can_be_chosen() => Assert.Equal(128, VectorWidth.Choose("128"));

    [Theory]
    [InlineData("64")]
    [InlineData("AVX2")]
    [InlineData("1024")]
    [InlineData("-256")]
    public void Any_other_width_is_an_error_that_names_the_variable(string limit)
    {
        LaminaException e = Assert.Throws<LaminaException>(() => VectorWidth.Choose(limit));
        Assert.StartsWith($"LAMINA_VECTOR_BITS is {limit}, ", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", e.Message, StringComparison.Ordinal);
    }
}
