namespace Lamina.Runs;

/// <summary>The format of a folder of images.</summary>
public enum DataFormat
{
    /// <summary>The Fashion-MNIST subset that ships with the library.</summary>
    Shipped,

    /// <summary>A folder with one subfolder of images per class.</summary>
    Folder,

    /// <summary>A folder of IDX files, gzipped or not.</summary>
    Idx,
}
