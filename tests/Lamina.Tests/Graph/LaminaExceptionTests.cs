namespace Lamina.Tests.Graph;

/// <summary>Messages quote names, paths and values of users and files, and stay one line of bounded length.</summary>
public class LaminaExceptionTests
{
    [Theory]
    [InlineData("a\nb\r\nc\td", "a b  c d")]
    [InlineData("\u001b[31mred\u0085next\u2028line\u2029end", "?[31mred next line end")]
    [InlineData("\u202Eevil\u2066", "?evil?")]
    [InlineData("plain – 3×3 “é” 犬", "plain – 3×3 “é” 犬")]
    public void A_message_is_one_line(string message, string expected)
    {
        Assert.Equal(expected, new LaminaException(message).Message);
        Assert.Equal(expected, new ConfigException(message).Message);
        Assert.Equal(expected, new ShapeException(message).Message);
        Assert.Equal(expected, new LaminaException(message, new InvalidOperationException()).Message);
    }

    [Fact]
    public void Halves_of_characters_go_and_whole_ones_stay()
    {
        string half = new('\ud83d', 1);
        Assert.Equal("a?b\U0001F600", new LaminaException($"a{half}b\U0001F600").Message);
        Assert.Equal("?a", new LaminaException($"{'\ude00'}a").Message);
    }

    [Fact]
    public void A_very_long_message_keeps_both_ends()
    {
        string message = new LaminaException($"file: 'name' is {new string('x', 1 << 20)}; it must be short.").Message;
        Assert.InRange(message.Length, 1_000, 10_000);
        Assert.StartsWith("file: 'name' is xxx", message, StringComparison.Ordinal);
        Assert.EndsWith("xxx; it must be short.", message, StringComparison.Ordinal);
    }
}
