namespace Lamina.Inspect.Tests.Attribution;

/// <summary>Grad-CAM and Grad-CAM++ of two maps of 2×2, worked by hand.</summary>
public sealed class GradCamTests
{
    // Two maps, interleaved: A₁ = [1 2; 0 3], A₂ = [1 0; 4 1].
    private static readonly NDArray s_maps = new([2, 2, 2], new float[] { 1, 1, 2, 0, 0, 4, 3, 1 });

    // g₁ = [1 1; 1 1], g₂ = [−2 0; 0 0].
    private static readonly NDArray s_gradients = new([2, 2, 2], new float[] { 1, -2, 1, 0, 1, 0, 1, 0 });

    [Fact]
    public void Grad_CAM_weighs_maps_by_their_mean_gradient()
    {
        // α₁ = 1 and α₂ = −1/2: A₁ − A₂ / 2, cut at 0.
        Assert.Equal([0.5f, 2, 0, 2.5f], GradCam.Map(s_maps, s_gradients).Values.ToArray());
    }

    [Fact]
    public void Grad_CAM_plus_plus_weighs_positive_gradients()
    {
        // Σ A₁ = 6: α = 1 ÷ (2 + 6) at each of 4 pixels, so w₁ = 1/2; map 2 has no positive gradient.
        Assert.Equal([0.5f, 1, 0, 1.5f], GradCam.PlusPlusMap(s_maps, s_gradients).Values.ToArray());
    }

    [Fact]
    public void Shapes_must_agree() => Assert.Throws<ShapeException>(() => GradCam.Map(s_maps, new NDArray([2, 2, 1])));

    [Fact]
    public void Maps_are_enlarged_between_centers_and_drawn_from_0_to_1()
    {
        var map = new AttributionMap(0, new NDArray([1, 2], new float[] { 0, -4 }));
        Assert.Equal([0f, -1, -3, -4], map.Resized(1, 4).Values.ToArray());
        Assert.Equal([0f, 1], map.ToHeat().Values.ToArray());
        Assert.Equal([0f, 0], new AttributionMap(0, new NDArray([1, 2])).ToHeat().Values.ToArray());
    }
}
