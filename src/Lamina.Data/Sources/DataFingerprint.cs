using System.Buffers.Binary;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text;

namespace Lamina;

/// <summary>The hash of labeled images. Every text is preceded by its length, so that encodings are unambiguous.</summary>
internal static class DataFingerprint
{
    private const string Full = "lamina images 1, contents";
    private const string Quick = "lamina images 1, names and sizes";

    public static string Of(LabeledImages images, bool quick, CancellationToken cancellation)
    {
        ImageContent[] contents = Contents(images, quick, cancellation);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, quick ? Quick : Full);
        Add(hash, images.ClassNames.Count);
        foreach (string name in images.ClassNames)
        {
            Add(hash, name);
        }
        Add(hash, contents.Length);
        IReadOnlyList<int> labels = images.Labels;
        for (int i = 0; i < contents.Length; i++)
        {
            Add(hash, labels[i]);
            Add(hash, contents[i].Name);
            Add(hash, contents[i].Length);
            hash.AppendData(contents[i].Hash.Span);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static ImageContent[] Contents(LabeledImages images, bool quick, CancellationToken cancellation)
    {
        var contents = new ImageContent[images.Count];
        try
        {
            // The order in which threads read does not matter: each content has its position.
            var options = new ParallelOptions
            {
                CancellationToken = cancellation,
                MaxDegreeOfParallelism = Environment.ProcessorCount,
            };
            Parallel.For(0, contents.Length, options, i => contents[i] = images.ContentOf(i, quick));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
        return contents;
    }

    private static void Add(IncrementalHash hash, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        hash.AppendData(bytes);
    }

    private static void Add(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Add(hash, bytes.LongLength);
        hash.AppendData(bytes);
    }
}
