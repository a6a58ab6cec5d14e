namespace Lamina.Formats.Tests;

internal static class OneLine
{
    /// <summary>The action fails with a Lamina error of one line that contains these texts.</summary>
    public static LaminaException Error(Action action, params string[] contains)
    {
        LaminaException error = Assert.ThrowsAny<LaminaException>(action);
        IsOneLine(error);
        foreach (string text in contains)
        {
            Assert.Contains(text, error.Message, StringComparison.Ordinal);
        }
        return error;
    }

    public static void IsOneLine(Exception error)
    {
        Assert.NotEmpty(error.Message);
        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.True(error.Message.Length < 1500, error.Message);
    }
}
