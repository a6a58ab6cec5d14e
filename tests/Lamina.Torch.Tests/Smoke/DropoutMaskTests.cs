using Lamina.Torch;
using static Lamina.Layers;

namespace Lamina.Tests.Smoke;

public class DropoutMaskTests
{
    [Theory]
    [InlineData(1, 0.5, 1, 0, 0)]
    [InlineData(63, 0.3, 2, 5, 1)]
    [InlineData(64, 0.9999, -4, 1, 2)]
    [InlineData(40_000, 0.25, 5, 77, 3)]
    [InlineData(3_000_001, 0.5, long.MaxValue, 1L << 31, 4)]
    public void Element_i_is_kept_by_the_streams_ith_draw(int count, double rate, long seed, long step, int index)
    {
        var mask = new DropoutMask();
        mask.Draw(count, rate, new RandomStream(seed, RandomPurpose.Dropout, step, index));
        var stream = new RandomStream(seed, RandomPurpose.Dropout, step, index);
        for (int i = 0; i < count; i++)
        {
            bool kept = stream.NextUInt32() >= rate * (1L << 32);
            if (kept != ((mask.Bits[i / 64] >> (i % 64) & 1) != 0))
            {
                Assert.Fail($"element {i} differs");
            }
        }
    }

    [Fact]
    public void Scalar_and_vector_words_are_the_same()
    {
        for (ulong word = 0; word < 50; word++)
        {
            ulong at = word * 0x1234_5678_9abc;
            Assert.Equal(
                DropoutMask.ScalarWord(at, 1234567891, 11, 22, 0xfedcba98, 0x76543210),
                DropoutMask.VectorWord(at, 1234567891, 11, 22, 0xfedcba98, 0x76543210)
            );
        }
    }

    [Fact]
    public void The_share_and_the_scale_are_right_and_the_same_step_gives_the_same_mask()
    {
        Kernel kernel = CpuKernels.Instance.Create(
            Ops.Dropout(Input(Shape.Of(1000), 100), 0.4).Producer,
            new KernelRequest { Index = 3 }
        );
        using Tensor x = Tensor.Empty([100, 1000]);
        x.Fill(1);
        using Tensor first = kernel.Forward(new StepContext(true, 1, 5), [x], false);
        using Tensor again = kernel.Forward(new StepContext(true, 1, 5), [x], false);
        using Tensor other = kernel.Forward(new StepContext(true, 1, 6), [x], false);
        float[] values = first.AsSpan().ToArray();
        Assert.Equal(values, again.AsSpan().ToArray());
        Assert.NotEqual(values, other.AsSpan().ToArray());
        Assert.Equal([0, (float)(1 / 0.6)], values.Distinct().Order());
        Assert.InRange(values.Count(v => v == 0), 39_300, 40_700);
        using Tensor inference = kernel.Forward(new StepContext(false, 1, 5), [x], false);
        Assert.True(inference.SharesStorage(x));
    }
}
