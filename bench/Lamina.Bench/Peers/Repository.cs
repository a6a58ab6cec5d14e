namespace Lamina.Bench;

/// <summary>Where the sources lie: the peers are built from there, and the page is there.</summary>
internal static class Repository
{
    private const string Mark = "Lamina.slnx";

    public static string Root { get; } = Find();

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Mark)))
            {
                return folder.FullName;
            }
        }
        throw new LaminaException(
            $"{Mark} is in no folder above {AppContext.BaseDirectory}. Run the bench from its sources."
        );
    }
}
