namespace Lamina;

/// <summary>Names of layers in Keras's files.</summary>
internal static class KerasNames
{
    /// <summary>A name as Lamina can have it: Keras 2 allows <c>block1/conv</c>, which Lamina (as Keras 3) does not.</summary>
    public static string Clean(string name) => name.Replace('/', '_');
}
