using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Lamina.Runs.Transfer;

/// <summary>A file with the features of some images, with the key that they were computed for and a checksum.</summary>
internal static class FeatureShard
{
    private const string Features = "features";
    private const string Labels = "labels";
    private const string KeyEntry = "key";
    private const string ChecksumEntry = "sha256";
    private const string IndicesEntry = "indices";

    /// <summary>Writes features, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The key of everything that the features depend on.</param>
    /// <param name="block">The features.</param>
    public static void Write(string path, string key, FeatureBlock block) =>
        SafetensorsFile.Save(
            new Dictionary<string, NDArray> { [Features] = block.Features, [Labels] = block.Labels },
            path,
            new Dictionary<string, string>
            {
                [KeyEntry] = key,
                [ChecksumEntry] = Checksum(block.Features, block.Labels),
                [IndicesEntry] = string.Join(' ', block.Indices),
            }
        );

    /// <summary>Reads features.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The key of everything that the features depend on.</param>
    /// <param name="damage">The reason why an existing file cannot be used; <see langword="null"/> if it can, or does not exist.</param>
    /// <returns>Null if there are none that can be used.</returns>
    public static FeatureBlock? Read(string path, string key, out string? damage)
    {
        damage = null;
        if (!File.Exists(path))
        {
            return null;
        }
        try
        {
            using var map = SafetensorsFile.Map(path);
            IReadOnlyDictionary<string, NDArray> tensors = SafetensorsFile.Load(path);
            if (
                tensors.TryGetValue(Features, out NDArray? features)
                && tensors.TryGetValue(Labels, out NDArray? labels)
                && map.Metadata.GetValueOrDefault(KeyEntry) == key
                && map.Metadata.GetValueOrDefault(ChecksumEntry) == Checksum(features, labels)
            )
            {
                return new FeatureBlock(features, labels, IndicesOf(map.Metadata.GetValueOrDefault(IndicesEntry)));
            }
            damage = $"{path}: the checksum of the features is wrong; they are computed again.";
        }
        catch (ModelFileException e)
        {
            damage = $"{e.Message.TrimEnd('.')}; the features are computed again.";
        }
        return null;
    }

    // Files of earlier versions have none; who needs them computes the features again.
    private static int[] IndicesOf(string? text) =>
        [
            .. (text ?? "")
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(t => int.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out int i) ? i : -1),
        ];

    private static string Checksum(NDArray features, NDArray labels)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes((ReadOnlySpan<float>)features.Values));
        hash.AppendData(MemoryMarshal.AsBytes((ReadOnlySpan<float>)labels.Values));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
