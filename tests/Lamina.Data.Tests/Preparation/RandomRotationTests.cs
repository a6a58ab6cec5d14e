using System.Text.Json.Nodes;

namespace Lamina.Data.Tests.Preparation;

/// <summary>Rotations against PyTorch's grid_sample (Goldens/make_rotations.py) and against closed forms.</summary>
public class RandomRotationTests
{
    private static readonly JsonObject s_golden = JsonNode
        .Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Goldens", "rotations.json")))!
        .AsObject();

    public static TheoryData<int> Cases() => [.. Enumerable.Range(0, s_golden["cases"]!.AsArray().Count)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Rotated_pixels_are_those_of_grid_sample(int number)
    {
        JsonObject golden = s_golden["cases"]![number]!.AsObject();
        float[] source = Floats(s_golden["source"]!);
        var target = new float[source.Length];
        RandomRotation.Rotate(
            source,
            target,
            new Size2((int)s_golden["height"]!, (int)s_golden["width"]!),
            3,
            (double)golden["degrees"]!,
            (string)golden["fill"]! == "zero" ? RotationFill.Zero : RotationFill.Reflect
        );
        float[] expected = Floats(golden["values"]!);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], target[i], 2e-3f);
        }
    }

    [Fact]
    public void A_quarter_turns_counterclockwise()
    {
        float[] target = new float[4];
        RandomRotation.Rotate([1, 2, 3, 4], target, new Size2(2, 2), 1, 90, RotationFill.Zero);
        float[] expected = [2, 4, 1, 3];
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(expected[i], target[i], 1e-5f);
        }
    }

    [Fact]
    public void Angles_are_drawn_evenly_and_a_constant_image_stays_constant()
    {
        // The pixel right of the middle of a ramp downwards rises by the angle's sine.
        var angles = new List<double>();
        for (int i = 0; i < 4000; i++)
        {
            float[] pixels = [0, 0, 0, 1, 1, 1, 2, 2, 2];
            var random = new RandomStream(6, RandomPurpose.Augmentation, 0, i);
            new RandomRotation(20).ChangePixels(pixels, new Size2(3, 3), 1, ref random);
            angles.Add(Math.Asin(pixels[5] - 1) * 180 / Math.PI);
        }
        Assert.InRange(angles.Min(), -20.01, -19.9);
        Assert.InRange(angles.Max(), 19.9, 20.01);
        Assert.Equal(0, angles.Average(), 5 * 20 / Math.Sqrt(3.0 * 4000));
        Assert.Equal(400 / 3.0, angles.Average(a => a * a), 10.0);

        float[] constant = new float[7 * 5];
        Array.Fill(constant, 42);
        var stream = new RandomStream(6, RandomPurpose.Augmentation);
        new RandomRotation(180).ChangePixels(constant, new Size2(7, 5), 1, ref stream);
        Assert.All(constant, p => Assert.Equal(42, p, 1e-4f));
    }

    private static float[] Floats(JsonNode node) => [.. node.AsArray().Select(v => (float)v!)];
}
