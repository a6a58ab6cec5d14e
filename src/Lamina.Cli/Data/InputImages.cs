using System.CommandLine;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>The images of a command line: files, folders, or one image on standard input.</summary>
internal sealed class InputImages(Terminal terminal)
{
    /// <summary>The argument for standard input.</summary>
    public const string StandardInput = "-";

    private const string StandardInputName = "standard input";

    // The same limit as for files.
    private const long MostBytes = 1L << 30;

    /// <summary>Creates the argument for images.</summary>
    public static Argument<string[]> Argument()
    {
        var images = new Argument<string[]>("image")
        {
            Description =
                "Image files (JPEG, PNG, WebP, BMP, GIF), folders of images, or - for one image on standard input.",
            Arity = ArgumentArity.OneOrMore,
        };
        images.Validators.Add(result =>
        {
            if (result.Tokens.Count(t => t.Value == StandardInput) > 1)
            {
                result.AddError("-: standard input holds one image. Use - once.");
            }
        });
        return images;
    }

    /// <summary>Returns the images in the order of the arguments; images of a folder are in order of their paths.</summary>
    public IEnumerable<Entry> List(IEnumerable<string> arguments)
    {
        foreach (string argument in arguments)
        {
            if (argument == StandardInput)
            {
                yield return new Entry(
                    argument,
                    preprocessing => Images.Load(Read(), preprocessing, StandardInputName)
                );
            }
            else if (Directory.Exists(argument))
            {
                foreach (Entry entry in InFolder(argument))
                {
                    yield return entry;
                }
            }
            else
            {
                yield return new Entry(argument, preprocessing => Images.Load(argument, preprocessing));
            }
        }
    }

    private IEnumerable<Entry> InFolder(string folder)
    {
        ImageFolder images;
        try
        {
            images = ImageFolder.OpenUnlabeled(folder);
        }
        catch (DataException e)
        {
            // Reported like an unreadable image, so that the other arguments are still processed.
            return [new Entry(folder, _ => throw e)];
        }
        var skips = new SkipReports(terminal);
        images.SkippedFolders.ToList().ForEach(skips.Add);
        skips.Conclude();
        return Enumerable
            .Range(0, images.Count)
            .Select(images.NameOf)
            .Select(path => new Entry(path, preprocessing => Images.Load(path, preprocessing)));
    }

    private byte[] Read()
    {
        using Stream stream =
            terminal.OpenInput()
            ?? throw new DataException(StandardInputName, "is a terminal. Pipe an image into it, or use a file.");
        try
        {
            using var bytes = new MemoryStream();
            var buffer = new byte[1 << 16];
            for (int read; (read = stream.Read(buffer)) > 0; )
            {
                if (bytes.Length + read > MostBytes)
                {
                    throw new DataException(StandardInputName, "is larger than 1 GiB and was not read.");
                }
                bytes.Write(buffer, 0, read);
            }
            return bytes.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(StandardInputName, $"cannot be read ({OneLine.Of(e.Message)})", e);
        }
    }

    /// <summary>An image to load.</summary>
    /// <param name="Name">The name in results.</param>
    /// <param name="Load">Loads the image as a model's input; throws a <see cref="DataException"/> if it is unreadable.</param>
    internal sealed record Entry(string Name, Func<Preprocessing, NDArray> Load);
}
