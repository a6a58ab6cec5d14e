using Lamina.Runs.Text;

namespace Lamina.Tuning;

/// <summary>Deletes what trials leave behind.</summary>
internal static class TrialFolder
{
    /// <summary>Deletes folders and files that exist.</summary>
    /// <exception cref="LaminaException">One cannot be deleted.</exception>
    public static void Delete(params IReadOnlyList<string> paths)
    {
        foreach (string path in paths)
        {
            try
            {
                if (Directory.Exists(path))
                {
                    Directory.Delete(path, recursive: true);
                }
                else
                {
                    File.Delete(path);
                }
            }
            catch (DirectoryNotFoundException)
            {
                // Nor does its folder exist.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new LaminaException($"{path}: cannot be deleted ({OneLine.Of(e.Message)})", e);
            }
        }
    }
}
