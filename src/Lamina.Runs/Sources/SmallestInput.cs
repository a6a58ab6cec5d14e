namespace Lamina.Runs.Sources;

/// <summary>The smallest input that a network's windows and strides allow.</summary>
internal static class SmallestInput
{
    /// <summary>The largest side of a zoo model's input.</summary>
    public const int MaxInput = 1024;

    /// <summary>Refuses an input that is too small for a zoo model.</summary>
    /// <param name="model">The name of the model.</param>
    /// <param name="input">The side of the images; null for the model's own.</param>
    /// <exception cref="LaminaException">The input is too small.</exception>
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
