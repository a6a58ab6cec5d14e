using System.Runtime.Intrinsics.Arm;

namespace Lamina.Torch.Tests;

public class NeonTests
{
    [Fact]
    public void The_vectors_are_those_of_the_processor()
    {
        Assert.True(AdvSimd.Arm64.IsSupported);
        Assert.Equal(128, VectorWidth.Widest);
        Assert.Equal(12, Floats128.TileRows);
    }
}
