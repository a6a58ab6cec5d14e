namespace Lamina.Hdf5;

/// <summary>An HDF5 file to write. Values are fetched one dataset at a time while it is written.</summary>
internal sealed class Hdf5Output
{
    /// <summary>The group that contains all others.</summary>
    public Hdf5OutputGroup Root { get; } = new();

    /// <summary>Writes the file to an empty stream that supports seeking.</summary>
    public void Write(Stream stream) => new Hdf5Writer(stream).Write(Root);
}
