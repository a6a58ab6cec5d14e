using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Lamina;

/// <summary>Identities of image files.</summary>
internal static class FileContent
{
    /// <summary>Returns the identity of a file's content.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The name within the source.</param>
    /// <param name="quick"><see langword="true"/> if name and length suffice.</param>
    public static ImageContent Of(string path, string name, bool quick)
    {
        try
        {
            if (quick)
            {
                return new ImageContent(name, new FileInfo(path).Length, default);
            }
            (SafeFileHandle handle, long length) = RegularFile.Open(path);
            using var file = new FileStream(handle, FileAccess.Read);
            // Devices such as /dev/zero have no length and no end.
            return new ImageContent(name, length, length == 0 ? SHA256.HashData([]) : SHA256.HashData(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DataException)
        {
            // Loaders skip and report such an image, so only its name counts.
            return new ImageContent(name, -1, default);
        }
    }
}
