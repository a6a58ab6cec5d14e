namespace Lamina.Tuning.Tests;

/// <summary>Hyperparameters as text and files.</summary>
public sealed class SearchSpaceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("lr=1e-4..1e-2:log", "lr 0.0001..0.01 log")]
    [InlineData("dropout=0..0.5", "dropout 0..0.5")]
    [InlineData(" dropout = 0 .. 0.5 : 0.1", "dropout 0..0.5 by 0.1")]
    [InlineData("batch=16|32|64", "batch 16|32|64")]
    [InlineData("input=32..64:int:16", "input 32..64 by 16")]
    [InlineData("units=1..1024:int:log", "units 1..1024 log")]
    [InlineData("shift=-1..1", "shift -1..1")]
    [InlineData("optimizer=adamw|sgd", "optimizer adamw|sgd")]
    public void Texts_are_read(string text, string expected) =>
        Assert.Equal(expected, SearchSpace.Parse(text).ToString());

    [Theory]
    [InlineData("lr", "'lr' is not a hyperparameter. Use NAME=LOW..HIGH")]
    [InlineData("=1..2", "'=1..2' is not a hyperparameter.")]
    [InlineData("lr=0.1", "lr: '0.1' is neither a range nor a list of choices.")]
    [InlineData("lr=a..1", "lr: 'a' is not a number.")]
    [InlineData("lr=1..x:log", "lr: 'x' is not a number.")]
    [InlineData("lr=1..2:cubic", "lr: 'cubic' is not a number.")]
    [InlineData("lr=2..1", "lr: the hyperparameter has no range from 2 to 1.")]
    [InlineData("lr=0..1:log", "lr: the hyperparameter starts at 0; a logarithmic range must be above 0.")]
    [InlineData("batch=1.5..4:int", "batch: 1.5 is not a whole number.")]
    public void Texts_that_are_no_hyperparameters_are_refused(string text, string expected) =>
        Assert.StartsWith(
            expected,
            Assert.ThrowsAny<LaminaException>(() => SearchSpace.Parse(text)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_file_lists_ranges_and_choices()
    {
        File.WriteAllText(
            _folder["space.json"],
            """{ "lr": "1e-4..1e-2:log", "batch": [16, 32], "rate": [1, 0.5], }"""
        );
        var space = SearchSpace.Read(_folder["space.json"]);
        Assert.Equal(["lr 0.0001..0.01 log", "batch 16|32", "rate 1|0.5"], space.Parameters.Select(p => p.ToString()));
        Assert.Equal([1.0, 0.5], space.Parameters[2].Choices);
    }

    [Theory]
    [InlineData("{ nope", "is not valid JSON (line 1")]
    [InlineData("[]", "contains no hyperparameters")]
    [InlineData("{}", "contains no hyperparameters")]
    [InlineData("""{ "lr": 3 }""", "lr: is neither a range as text nor a list.")]
    [InlineData("""{ "lr": [] }""", "lr: the hyperparameter has no choices.")]
    [InlineData("""{ "lr": [null] }""", "null is not a string, a number, true or false")]
    public void A_file_that_lists_something_else_is_refused(string json, string expected)
    {
        File.WriteAllText(_folder["space.json"], json);
        string message = Assert.ThrowsAny<LaminaException>(() => SearchSpace.Read(_folder["space.json"])).Message;
        Assert.StartsWith(_folder["space.json"], message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }
}
