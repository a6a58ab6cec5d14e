namespace Lamina.Runs;

/// <summary>The format of a folder of images.</summary>
public enum DataFormat
{
    /// <summary>The Fashion-MNIST subset that is shipped with the library.</summary>
    Shipped,

    /// <summary>A folder with a sub-folder of images for each class.</summary>
    Folder,

    /// <summary>A folder of IDX files, gzipped or not.</summary>
    Idx,
}
