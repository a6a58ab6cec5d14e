using System.Security;

namespace Lamina;

/// <summary>Describes in a few words why the operating system refused.</summary>
internal static class FileErrors
{
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsSharingViolation = unchecked((int)0x80070020);

    /// <summary>
    /// Returns <see langword="true"/> if the error comes from the file system and not from the program.
    /// </summary>
    public static bool IsFileError(Exception e) =>
        e is IOException or UnauthorizedAccessException or SecurityException || IsTooLarge(e);

    /// <summary>Returns the reason, in lower case, without a period: <c>no space left on device</c>.</summary>
    public static string Reason(Exception e) =>
        e switch
        {
            UnauthorizedAccessException or SecurityException => "permission denied",
            _ when IsTooLarge(e) => "the file is too large for its file system or limit",
            FileNotFoundException => "no such file",
            DirectoryNotFoundException => "no such folder",
            PathTooLongException => "the path is too long",
            EndOfStreamException => "the file ends too early",
            // On Unix, an IOException's HResult is the errno: 28 is ENOSPC, 122 (Linux) and 69 (macOS) EDQUOT,
            // 30 EROFS, 27 EFBIG, 5 EIO.
            IOException { HResult: 28 or WindowsDiskFull or WindowsHandleDiskFull } => "no space left on device",
            IOException { HResult: 122 or 69 } when !OperatingSystem.IsWindows() => "disk quota exceeded",
            IOException { HResult: 30 } when !OperatingSystem.IsWindows() => "the file system is read-only",
            IOException { HResult: 27 } when !OperatingSystem.IsWindows() =>
                "the file is too large for its file system",
            IOException { HResult: 5 } when !OperatingSystem.IsWindows() => "the device failed (input/output error)",
            IOException { HResult: WindowsSharingViolation } => "another program has it open",
            _ => Quoted.Line(e.Message).TrimEnd('.'),
        };

    // The exception by which .NET reports EFBIG in a write.
    private static bool IsTooLarge(Exception e) =>
        e is ArgumentOutOfRangeException { ParamName: "value", Source: "System.Private.CoreLib" };

    /// <summary>Creates the error for a file that could not be written.</summary>
    public static LaminaException CannotWrite(string path, Exception e) =>
        new($"{path}: cannot be written: {Reason(e)}.", e);

    /// <summary>Creates the error for a model file that could not be read.</summary>
    public static ModelFileException CannotRead(string path, Exception e) =>
        new($"{path}: cannot be read: {Reason(e)}.", e);
}
