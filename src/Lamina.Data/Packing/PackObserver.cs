namespace Lamina;

/// <summary>An observer of <see cref="ImagePacker"/> with methods to override.</summary>
public class PackObserver
{
    /// <summary>Called after each shard of an earlier call was compared with its checksum.</summary>
    /// <param name="done">The number of compared shards.</param>
    /// <param name="total">The number of shards to compare.</param>
    public virtual void OnVerified(int done, int total) { }

    /// <summary>Called before the first image is packed, and after every few images.</summary>
    /// <param name="done">The number of images that were packed or skipped, including those of earlier calls.</param>
    /// <param name="total">The number of all images.</param>
    /// <param name="kept">The number of images in shards of earlier calls.</param>
    public virtual void OnPacked(int done, int total, int kept) { }

    /// <summary>Called for each image that cannot be read, in the order of the shards.</summary>
    /// <param name="image">The image and the reason.</param>
    public virtual void OnSkipped(SkippedImage image) { }

    /// <summary>Called for messages, such as that a damaged shard is packed again.</summary>
    /// <param name="message">The message, one line.</param>
    public virtual void OnMessage(string message) { }
}
