namespace Lamina.Cli;

/// <summary>The images of a command line, loaded one at a time; those that cannot be read are reported and left out.</summary>
internal sealed class LoadedImages(Terminal terminal, Preprocessing preprocessing, IEnumerable<string> arguments)
{
    private readonly List<(string Name, string Error)> _failed = [];

    /// <summary>The images that could not be read so far.</summary>
    public IReadOnlyList<(string Name, string Error)> Failed => _failed;

    /// <summary>The images; to be enumerated once.</summary>
    public IEnumerable<(string Name, NDArray Image)> Images
    {
        get
        {
            foreach (InputImages.Entry entry in new InputImages(terminal).List(arguments))
            {
                if (TryLoad(entry) is { } image)
                {
                    yield return (entry.Name, image);
                }
            }
        }
    }

    private NDArray? TryLoad(InputImages.Entry entry)
    {
        try
        {
            return entry.Load(preprocessing);
        }
        catch (DataException e)
        {
            terminal.WriteError(ErrorLine.Of(e));
            _failed.Add((entry.Name, ErrorLine.Of(e)));
            return null;
        }
    }
}
