using PureHDF;

namespace Lamina.Hdf5;

/// <summary>A group of an <see cref="Hdf5Output"/>: attributes of text, datasets and groups.</summary>
internal sealed class Hdf5OutputGroup
{
    /// <summary>The number of texts that one attribute can contain: each takes 16 bytes of at most 64512.</summary>
    public const int MaxTexts = 64512 / 16;

    private readonly H5Group _group;
    private readonly List<(H5Dataset<float[]> Dataset, Func<float[]> Values)> _datasets;

    internal Hdf5OutputGroup(H5Group group, List<(H5Dataset<float[]> Dataset, Func<float[]> Values)> datasets) =>
        (_group, _datasets) = (group, datasets);

    /// <summary>Sets an attribute of one text.</summary>
    public void SetText(string name, string text) => _group.Attributes[name] = text;

    /// <summary>Sets an attribute of at most <see cref="MaxTexts"/> texts.</summary>
    public void SetTexts(string name, string[] texts) => _group.Attributes[name] = texts;

    /// <summary>Returns the group of this name, and creates it where there is none.</summary>
    public Hdf5OutputGroup Group(string name)
    {
        if (!_group.TryGetValue(name, out object? inner))
        {
            _group[name] = inner = new H5Group();
        }
        return new Hdf5OutputGroup((H5Group)inner, _datasets);
    }

    /// <summary>Adds a dataset of these values.</summary>
    public void Add(string name, uint[] values) => _group[name] = new H5Dataset(values);

    /// <summary>Adds a dataset whose values are fetched when the file is written.</summary>
    /// <param name="path">Its name; slashes separate groups.</param>
    /// <param name="shape">Its dimensions.</param>
    /// <param name="values">Returns its values in row-major order.</param>
    public void Add(string path, ulong[] shape, Func<float[]> values)
    {
        string[] parts = path.Split('/');
        Hdf5OutputGroup group = this;
        foreach (string part in parts[..^1])
        {
            group = group.Group(part);
        }
        var dataset = new H5Dataset<float[]>(shape);
        group._group[parts[^1]] = dataset;
        _datasets.Add((dataset, values));
    }
}
