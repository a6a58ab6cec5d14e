// Makes data/fashion-mnist from the whole data set: the first images of each class, in the order of the file.
//
//   dotnet run data/make-fashion-mnist.cs -- SOURCE_DIR OUT_DIR [TRAIN_PER_CLASS TEST_PER_CLASS]
//
// SOURCE_DIR holds the four gzipped IDX files; on Debian, `apt-get install dataset-fashion-mnist` puts them into
// /usr/share/datasets/fashion-mnist. The same source gives the same bytes with the same .NET.
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
#:property EnforceCodeStyleInBuild=false
#:property ManagePackageVersionsCentrally=false

using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;

if (args.Length is not (2 or 4))
{
    Console.Error.WriteLine("usage: dotnet run data/make-fashion-mnist.cs -- SOURCE_DIR OUT_DIR [TRAIN TEST]");
    return 2;
}
string source = args[0];
string target = args[1];
int train = args.Length == 4 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 500;
int test = args.Length == 4 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 100;
Directory.CreateDirectory(target);
Subset("train", train);
Subset("t10k", test);
return 0;

void Subset(string part, int perClass)
{
    byte[] images = Unpack($"{part}-images-idx3-ubyte.gz");
    byte[] labels = Unpack($"{part}-labels-idx1-ubyte.gz");
    int count = BinaryPrimitives.ReadInt32BigEndian(labels.AsSpan(4));
    int height = BinaryPrimitives.ReadInt32BigEndian(images.AsSpan(8));
    int width = BinaryPrimitives.ReadInt32BigEndian(images.AsSpan(12));
    ReadOnlySpan<byte> allLabels = labels.AsSpan(8, count);
    ReadOnlySpan<byte> allImages = images.AsSpan(16, count * height * width);

    var taken = new int[256];
    var keptImages = new List<byte>();
    var keptLabels = new List<byte>();
    for (int i = 0; i < count; i++)
    {
        if (taken[allLabels[i]]++ < perClass)
        {
            keptLabels.Add(allLabels[i]);
            keptImages.AddRange(allImages.Slice(i * height * width, height * width));
        }
    }
    Pack($"{part}-images-idx3-ubyte.gz", [0x803, keptLabels.Count, height, width], keptImages);
    Pack($"{part}-labels-idx1-ubyte.gz", [0x801, keptLabels.Count], keptLabels);
    Console.WriteLine($"{part}: {keptLabels.Count} of {count} images");
}

byte[] Unpack(string name)
{
    using var gzip = new GZipStream(File.OpenRead(Path.Combine(source, name)), CompressionMode.Decompress);
    using var whole = new MemoryStream();
    gzip.CopyTo(whole);
    return whole.ToArray();
}

void Pack(string name, ReadOnlySpan<int> header, List<byte> body)
{
    // GZipStream writes neither a time nor a file name, so nothing of today gets into the file.
    using var gzip = new GZipStream(File.Create(Path.Combine(target, name)), CompressionLevel.SmallestSize);
    Span<byte> word = stackalloc byte[4];
    foreach (int value in header)
    {
        BinaryPrimitives.WriteInt32BigEndian(word, value);
        gzip.Write(word);
    }
    gzip.Write(body.ToArray());
}
