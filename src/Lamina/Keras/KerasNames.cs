namespace Lamina;

/// <summary>Conversion of layer names in Keras's files.</summary>
internal static class KerasNames
{
    /// <summary>
    /// Returns the name as Lamina allows it: Keras 2 allows <c>block1/conv</c>, which Lamina (like Keras 3) does not.
    /// </summary>
    public static string Clean(string name) => name.Replace('/', '_');
}
