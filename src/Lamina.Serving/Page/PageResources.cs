using System.Reflection;

namespace Lamina.Serving;

/// <summary>Reads the web files that are part of this library.</summary>
internal static class PageResources
{
    /// <summary>Returns the names, without the prefix, and the bytes of files.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Read(string prefix)
    {
        Assembly assembly = typeof(PageResources).Assembly;
        foreach (
            string name in assembly
                .GetManifestResourceNames()
                .Where(n => n.StartsWith(prefix, StringComparison.Ordinal))
        )
        {
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            yield return (name[prefix.Length..], bytes);
        }
    }
}
