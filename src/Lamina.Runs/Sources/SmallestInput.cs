namespace Lamina.Runs.Sources;

/// <summary>The smallest images that a network's strides and windows leave something of.</summary>
internal static class SmallestInput
{
    /// <summary>The largest side of images that a network of the zoo is built for.</summary>
    public const int MaxInput = 1024;

    /// <summary>Refuses an input that is too small for a model of the zoo.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="input">The side of the images; null for the model's own.</param>
    /// <exception cref="LaminaException">It is too small.</exception>
    public static void Require(string model, int? input)
    {
        int least = Zoo.Member(model).MinInputSize;
        if (input < least)
        {
            throw new LaminaException(
                $"input: {input} is too small for {model}, whose smallest input is {least}×{least} pixels."
            );
        }
    }
}
