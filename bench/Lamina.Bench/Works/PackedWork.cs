using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>Packed images on one thread: to pixels, or to inputs; work is images.</summary>
internal sealed class PackedWork : IPeerWork
{
    public const string Kind = "packed";

    /// <summary>The variants: pixels of whole images, or inputs of a network.</summary>
    public const string Pixels = "pixels";
    public const string Inputs = "inputs";

    private readonly DataLoader _loader;
    private readonly PixelBuffer _buffer = new();
    private readonly bool _isPixels;
    private int _epoch;

    /// <param name="request">The folder holds shards.</param>
    public PackedWork(PeerRequest request)
    {
        _loader = TrainingData.Packed(request.Folder);
        _isPixels = request.Variant == Pixels;
        Run();
    }

    public double Work => _loader.Count;

    public double Run()
    {
        if (!_isPixels)
        {
            return _loader.Batches(_epoch++).Sum(b => b.Inputs[0].Values[0]);
        }
        long sum = 0;
        for (int i = 0; i < _loader.Count; i++)
        {
            _loader.Source.Decode(i, _buffer);
            sum += _buffer.Pixels[0];
        }
        return sum;
    }

    public float[] Probabilities() => throw new NotSupportedException("Loading has no output.");

    public void Dispose() { }
}
