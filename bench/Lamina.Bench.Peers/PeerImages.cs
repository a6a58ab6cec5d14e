using System.Runtime.InteropServices;

namespace Lamina.Bench.Peers;

/// <summary>The images that every peer is fed: a few, in a file beside the model, repeated as often as a batch needs.</summary>
public static class PeerImages
{
    /// <summary>Images in the file.</summary>
    public const int Count = 32;

    private const string FileName = "peer-images.f32";

    /// <summary>Writes <see cref="Count"/> images, (N, H, W, C).</summary>
    public static void Save(string folder, ReadOnlySpan<float> images) =>
        File.WriteAllBytes(Path.Combine(folder, FileName), MemoryMarshal.AsBytes(images));

    /// <summary>A batch, (N, H, W, C), or (N, C, H, W) with <paramref name="channelsFirst"/>.</summary>
    public static float[] Read(string folder, PeerModel model, int batch, bool channelsFirst = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        byte[] file = File.ReadAllBytes(Path.Combine(folder, FileName));
        ReadOnlySpan<float> images = MemoryMarshal.Cast<byte, float>(file);
        int pixels = model.Input * model.Input;
        int size = pixels * model.Channels;
        var values = new float[(long)batch * size];
        for (int image = 0; image < batch; image++)
        {
            ReadOnlySpan<float> source = images.Slice(image % Count * size, size);
            Span<float> target = values.AsSpan(image * size, size);
            if (!channelsFirst)
            {
                source.CopyTo(target);
                continue;
            }
            for (int i = 0; i < size; i++)
            {
                target[(i % model.Channels * pixels) + (i / model.Channels)] = source[i];
            }
        }
        return values;
    }

    /// <summary>The class that a training is told an image has.</summary>
    public static int Label(int image, int classes) => image * 7 % classes;
}
