namespace Lamina;

/// <summary>The parts of a data set.</summary>
internal static class DataPart
{
    public const string Train = "train";
    public const string Validation = "validation";
    public const string Test = "test";

    /// <summary>Returns the part that a word means; <see langword="null"/> if it means none.</summary>
    public static string? Of(string word) =>
        word.ToLowerInvariant() switch
        {
            "train" or "training" => Train,
            "val" or "valid" or "validation" or "dev" => Validation,
            "test" or "testing" => Test,
            _ => null,
        };
}
