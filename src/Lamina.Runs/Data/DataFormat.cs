namespace Lamina.Runs;

/// <summary>The format of labeled images.</summary>
public enum DataFormat
{
    /// <summary>The Fashion-MNIST subset that ships with the library.</summary>
    Shipped,

    /// <summary>A folder with one subfolder of images per class.</summary>
    Folder,

    /// <summary>A folder of IDX files, gzipped or not.</summary>
    Idx,

    /// <summary>Tar archives: WebDataset shards, or packed class folders.</summary>
    WebDataset,

    /// <summary>The archives of ILSVRC-2012.</summary>
    ImageNet,

    /// <summary>Parquet files with the bytes of images and labels, as Hugging Face stores data sets.</summary>
    Parquet,

    /// <summary>A table of image files and labels: CSV or JSON lines.</summary>
    Manifest,
}
