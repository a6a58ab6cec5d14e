namespace Lamina;

/// <summary>Loads single images as model inputs.</summary>
public static class Images
{
    /// <summary>Reads an image file (JPEG, PNG, WebP, BMP, GIF's first frame) as a model's input.</summary>
    /// <param name="path">The file.</param>
    /// <param name="preprocessing">The preprocessing of the model's training.</param>
    /// <param name="maxPixels">The most pixels; larger images are refused before they are decoded. Default: 100 million.</param>
    /// <returns>(1, height, width, channels).</returns>
    /// <exception cref="DataException">The file cannot be read as an image; the message names it.</exception>
    public static NDArray Load(string path, Preprocessing preprocessing, long maxPixels = ImageDecoder.DefaultMaxPixels)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ImagePreparer preparer = PreparerOf(preprocessing);
        ImageDecoder.DecodeFile(path, preparer.Pixels, preprocessing.EnoughToDecode, maxPixels);
        return Finish(preparer, preprocessing);
    }

    /// <summary>Reads the bytes of an image file as a model's input.</summary>
    /// <param name="file">All bytes of the file.</param>
    /// <param name="preprocessing">The preprocessing of the model's training.</param>
    /// <param name="name">The name of the image in messages.</param>
    /// <param name="maxPixels">The most pixels; larger images are refused before they are decoded. Default: 100 million.</param>
    /// <returns>(1, height, width, channels).</returns>
    /// <exception cref="DataException">The bytes cannot be read as an image.</exception>
    public static NDArray Load(
        ReadOnlySpan<byte> file,
        Preprocessing preprocessing,
        string name = "the image",
        long maxPixels = ImageDecoder.DefaultMaxPixels
    )
    {
        ImagePreparer preparer = PreparerOf(preprocessing);
        ImageDecoder.Decode(file, name, preparer.Pixels, preprocessing.EnoughToDecode, maxPixels);
        return Finish(preparer, preprocessing);
    }

    /// <summary>Reads an image file from a stream, to its end, as a model's input.</summary>
    /// <param name="stream">The stream; it is left open.</param>
    /// <param name="preprocessing">The preprocessing of the model's training.</param>
    /// <param name="name">The name of the image in messages.</param>
    /// <param name="maxPixels">The most pixels; larger images are refused before they are decoded. Default: 100 million.</param>
    /// <returns>(1, height, width, channels).</returns>
    /// <exception cref="DataException">The bytes cannot be read as an image.</exception>
    public static NDArray Load(
        Stream stream,
        Preprocessing preprocessing,
        string name = "the image",
        long maxPixels = ImageDecoder.DefaultMaxPixels
    )
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return Load(copy.GetBuffer().AsSpan(0, (int)copy.Length), preprocessing, name, maxPixels);
    }

    /// <summary>Decodes an image file to pixels at its full size, upright.</summary>
    /// <param name="path">The file.</param>
    /// <param name="target">Receives the size and the pixels.</param>
    /// <param name="maxPixels">The most pixels; larger images are refused before they are decoded. Default: 100 million.</param>
    /// <exception cref="DataException">The file cannot be read as an image; the message names it.</exception>
    public static void Decode(string path, PixelBuffer target, long maxPixels = ImageDecoder.DefaultMaxPixels)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(target);
        ImageDecoder.DecodeFile(path, target, default, maxPixels);
    }

    /// <summary>Converts decoded pixels to a model's input.</summary>
    /// <param name="pixels">The image.</param>
    /// <param name="preprocessing">The preprocessing of the model's training.</param>
    /// <returns>(1, height, width, channels).</returns>
    public static NDArray Prepare(PixelBuffer pixels, Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ImagePreparer preparer = PreparerOf(preprocessing);
        preparer.Pixels.Resize(pixels.Height, pixels.Width, pixels.Channels);
        pixels.Pixels.CopyTo(preparer.Pixels.Pixels);
        return Finish(preparer, preprocessing);
    }

    private static ImagePreparer PreparerOf(Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        preprocessing.Validate();
        return new ImagePreparer(preprocessing);
    }

    private static NDArray Finish(ImagePreparer preparer, Preprocessing preprocessing)
    {
        var result = new NDArray(preprocessing.Shape.Batched(1));
        preparer.Begin([], default);
        preparer.Finish(result.Values);
        return result;
    }
}
