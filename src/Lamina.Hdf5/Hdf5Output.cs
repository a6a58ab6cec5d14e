using System.Reflection;
using System.Runtime.ExceptionServices;
using PureHDF;

namespace Lamina.Hdf5;

/// <summary>An HDF5 file to write through PureHDF. Values are fetched one dataset at a time while it is written.</summary>
internal sealed class Hdf5Output
{
    private readonly H5File _file = [];
    private readonly List<(H5Dataset<float[]> Dataset, Func<float[]> Values)> _datasets = [];

    /// <summary>Creates an empty file.</summary>
    public Hdf5Output() => Root = new Hdf5OutputGroup(_file, _datasets);

    /// <summary>The group that contains all others.</summary>
    public Hdf5OutputGroup Root { get; }

    /// <summary>Writes the file to a stream that can be read back and can seek: PureHDF computes checksums that way.</summary>
    public void Write(Stream stream)
    {
        try
        {
            using H5NativeWriter writer = _file.BeginWrite(stream);
            foreach ((H5Dataset<float[]> dataset, Func<float[]> values) in _datasets)
            {
                writer.Write(dataset, values());
            }
        }
        // PureHDF calls its own methods by reflection, which wraps errors of the disk.
        catch (TargetInvocationException e) when (e.InnerException is { } inner && FileErrors.IsFileError(inner))
        {
            ExceptionDispatchInfo.Throw(inner);
        }
    }
}
