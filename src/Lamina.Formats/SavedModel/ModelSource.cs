namespace Lamina;

/// <summary>Provides the parts of a saved model, from a folder or one file.</summary>
internal abstract class ModelSource(Manifest manifest)
{
    private const int MaxJsonLength = 1 << 26;

    /// <summary>The manifest that the parts must match.</summary>
    public Manifest Manifest => manifest;

    /// <summary>Returns the name of a part in errors.</summary>
    public abstract string Label(string part);

    /// <summary>Opens a part that the manifest names.</summary>
    /// <exception cref="ModelFileException">The part is missing, cannot be read, or has the wrong length.</exception>
    public ChecksumReadStream Open(string part)
    {
        string label = Label(part);
        Checksum expected = manifest.Files[part];
        (Stream stream, long length) = OpenRaw(part);
        try
        {
            RequireLength(part, length);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
        return new ChecksumReadStream(stream, expected, label);
    }

    /// <summary>Throws unless a part has the length in the manifest.</summary>
    /// <exception cref="ModelFileException">The length differs.</exception>
    public void RequireLength(string part, long length)
    {
        long expected = manifest.Files[part].Length;
        if (length != expected)
        {
            throw new ModelFileException(
                $"{Label(part)}: is damaged: it has {length} bytes, but {ModelPart.Manifest} says {expected}. Use another copy of the model."
            );
        }
    }

    /// <summary>Reads and verifies a whole part.</summary>
    /// <exception cref="ModelFileException">The part cannot be read, is damaged, or too long.</exception>
    public byte[] ReadJson(string part)
    {
        if (manifest.Files[part].Length > MaxJsonLength)
        {
            throw new ModelFileException($"{Label(part)}: is longer than {MaxJsonLength} bytes.");
        }
        using ChecksumReadStream stream = Open(part);
        var bytes = new byte[stream.ExpectedLength];
        try
        {
            stream.ReadExactly(bytes);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotRead(stream.File, e);
        }
        stream.Verify();
        return bytes;
    }

    /// <summary>
    /// Opens a part that the manifest names as a file of its own, which the caller closes; <see langword="null"/> if it is
    /// not one.
    /// </summary>
    /// <exception cref="ModelFileException">The part is missing, cannot be read, or the manifest has changed.</exception>
    public virtual FileStream? OpenFile(string part) => null;

    /// <summary>Opens a part and returns its length.</summary>
    protected abstract (Stream Stream, long Length) OpenRaw(string part);
}
