using Lamina.Bench.Peers;
using Lamina.Torch;
using Lamina.Torch.Cpu;

namespace Lamina.Bench;

/// <summary>One convolution in inference by one algorithm, on one thread; work is images.</summary>
internal sealed class ConvolutionWork : IPeerWork
{
    public const string Kind = "convolution";
    public const string Direct = "direct";
    public const string Winograd = "Winograd";

    private readonly ConvolutionAlgorithm _algorithm;
    private readonly Tensor _images;
    private readonly Tensor _packed;

    public ConvolutionWork(PeerRequest request)
    {
        string[] words = request.Variant.Split('|');
        ConvolutionLayer layer = ConvolutionLayer.All.Single(l => l.Name == words[0]);
        _algorithm = layer.Algorithm(words[1]);
        TorchLibrary.Use();
        TorchLibrary.SetThreads(1);
        _images = Tensor.Empty([request.Batch, layer.Side, layer.Side, layer.Channels]);
        _images.Fill(0.5);
        using Tensor kernel = Tensor.Empty([layer.Filters, layer.Window, layer.Window, layer.Channels]);
        kernel.Fill(0.25);
        _packed = _algorithm.PackForward(kernel);
        Work = request.Batch;
        Run();
    }

    public double Work { get; }

    public double Run()
    {
        using Tensor y = _algorithm.Forward(_images, _packed, default);
        return y.AsSpan()[0];
    }

    public float[] Probabilities() => throw new NotSupportedException("A convolution has no probabilities.");

    public void Dispose()
    {
        _images.Dispose();
        _packed.Dispose();
    }
}
