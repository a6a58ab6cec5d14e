using Lamina.Runs.Data;

namespace Lamina.Runs;

/// <summary>Packs a data set for fast training: its parts become shards in one folder.</summary>
public static class DataPacker
{
    /// <summary>Packs a data set. See <see cref="ImagePacker.Pack"/> for what repeating the call does.</summary>
    /// <param name="source">The data, as for training.</param>
    /// <param name="folder">The folder to write.</param>
    /// <param name="format">The format; <see langword="null"/> to detect it.</param>
    /// <param name="options">The options of packing; the defaults if <see langword="null"/>.</param>
    /// <param name="observer">The observer. Default: none.</param>
    /// <param name="cancellation">Cancels packing. The finished shards are kept.</param>
    /// <exception cref="LaminaException">The data cannot be read, or the folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Packing was canceled.</exception>
    public static PackResult Pack(
        string source,
        string folder,
        DataFormat? format = null,
        PackOptions? options = null,
        PackObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        observer ??= new PackObserver();
        (IReadOnlyList<(string Name, LabeledImages Images)> parts, string? note) = DataSelection.OpenParts(
            source,
            format,
            cancellation
        );
        if (note is not null)
        {
            observer.OnMessage(note);
        }
        foreach (SkippedImage skipped in parts.SelectMany(p => p.Images.SkippedFolders).Distinct())
        {
            observer.OnSkipped(skipped);
        }
        return ImagePacker.Pack(parts, folder, options, observer, cancellation);
    }
}
