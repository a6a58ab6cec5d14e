using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>Images from files to batches, on some threads; work is images.</summary>
internal sealed class LoaderWork : IPeerWork
{
    public const string Kind = "loader";

    private readonly DataLoader _loader;
    private int _epoch;

    /// <param name="request">The folder holds images; the batch is the number of threads.</param>
    public LoaderWork(PeerRequest request)
    {
        _loader = TrainingData.Photos(request.Folder, request.Batch);
        Run();
    }

    public double Work => _loader.Count;

    public double Run() => _loader.Batches(_epoch++).Sum(b => b.Inputs[0].Values[0]);

    public float[] Probabilities() => throw new NotSupportedException("Loading has no output.");

    public void Dispose() { }
}

/// <summary>Some steps of training from a loader, or from the same batches kept in memory; work is images.</summary>
internal sealed class FedTraining : IPeerWork
{
    public const string Kind = "fed-training";

    /// <summary>The variants: where batches come from.</summary>
    public const string Loaded = "loaded";
    public const string Cached = "cached";
    public const string Kept = "kept";

    private const int Steps = 8;
    private const long CacheBytes = 1L << 30;

    private readonly Model _model;
    private readonly IBatchSource _source;
    private int _epoch;

    /// <param name="request">Without a folder the data is the shipped images.</param>
    public FedTraining(PeerRequest request)
    {
        DataLoader loader =
            request.Folder.Length > 0
                ? TrainingData.Photos(
                    request.Folder,
                    Environment.ProcessorCount,
                    request.Variant == Cached ? CacheBytes : 0
                )
                : TrainingData.Shipped();
        _source =
            request.Variant == Kept
                ? new KeptBatches([.. loader.Batches(0).Take(Steps).Select(KeptBatches.Copy)])
                : new FirstBatches(loader, Steps);
        _model = Zoo.Build(
            "walkthrough",
            new ZooOptions
            {
                InputSize = loader.Preprocessing.Height,
                Channels = loader.Preprocessing.Channels,
                Classes = loader.ClassNames.Count,
            }
        );
        _model.Compile(new Sgd(1e-4, momentum: PeerRequest.Momentum), "sparse_categorical_crossentropy", []);
        Run();
    }

    public double Work => Steps * _source.BatchSize;

    public double Run()
    {
        _model.Fit(_source, epochs: _epoch + 1, initialEpoch: _epoch, verbose: 0);
        return _epoch++;
    }

    public float[] Probabilities() => throw new NotSupportedException("Outputs are not compared here.");

    public void Dispose() { }
}
