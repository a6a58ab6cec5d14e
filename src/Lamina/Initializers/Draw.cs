namespace Lamina;

/// <summary>Draws random numbers with the distributions of initializers.</summary>
internal static class Draw
{
    /// <summary>Fills values evenly from a minimum to below a maximum.</summary>
    public static void Uniform(Span<float> values, double min, double max, ref RandomStream random)
    {
        float offset = (float)min;
        float span = (float)(max - min);
        foreach (ref float value in values)
        {
            value = offset + (span * random.NextSingle());
        }
    }

    /// <summary>Fills values from a normal distribution, redrawn beyond two standard deviations from the mean.</summary>
    public static void TruncatedNormal(Span<float> values, double mean, double deviation, ref RandomStream random)
    {
        foreach (ref float value in values)
        {
            double z;
            do
            {
                z = random.NextNormal();
            } while (Math.Abs(z) > 2);
            value = (float)(mean + (deviation * z));
        }
    }
}
