using Lamina.Bench.Peers;
using Lamina.Distributed;

namespace Lamina.Bench;

/// <summary>Training steps on one rank or several; work is the images of all ranks.</summary>
internal sealed class RankWork : IPeerWork
{
    public const string Kind = "ranks";

    /// <summary>The variants: gradients are summed as they are or in bfloat16, or ranks train apart.</summary>
    public const string Together = "together";
    public const string Rounded = "bfloat16";
    public const string Apart = "apart";

    private const int Steps = 3;
    private const byte Go = 1;

    private readonly RankJob? _job = RankJob.Join();
    private readonly CompiledModel _compiled;
    private readonly Model _model;
    private readonly ArraySource _source;
    private readonly RankTrace _trace = new();
    private readonly int _ranks;
    private int _epoch;

    public RankWork(PeerRequest request)
    {
        var description = PeerModel.Load(request.Folder);
        _model = ModelFile.Load(ModelExport.LaminaPath(request.Folder)).Model;
        _compiled = _model.Compile(
            new Sgd(1e-4, momentum: PeerRequest.Momentum),
            "sparse_categorical_crossentropy",
            []
        );
        bool isTogether = _job is not null && request.Variant != Apart;
        _ranks = _job?.Size ?? 1;
        int batch = request.Batch * (isTogether ? _ranks : 1);
        NDArray some = LaminaWork.ImagesOf(description, request, request.Batch);
        var images = new NDArray(some.Shape.With(0, batch * Steps));
        for (int i = 0; i < images.Count; i += some.Count)
        {
            some.Values.CopyTo(images.Values[(i * some.Values.Length / some.Count)..]);
        }
        var labels = new NDArray([images.Count]);
        for (int i = 0; i < images.Count; i++)
        {
            labels.Values[i] = PeerImages.Label(i, description.Classes);
        }
        _source = new ArraySource(images, labels, batch);
        if (isTogether)
        {
            _compiled.Distribution = new Distribution(_job!.Communicator)
            {
                GradientPrecision = request.Variant == Rounded ? GradientPrecision.BFloat16 : GradientPrecision.Float32,
                ChecksumEvery = 0,
                OnReduced = _trace.Add,
            };
        }
        // The plan of the first step keeps its observer.
        _compiled.Observer = request.Trace.Length > 0 ? _trace : null;
        Train();
        if (request.Trace.Length > 0)
        {
            _trace.IsRecording = true;
            Train();
            _trace.IsRecording = false;
            if (_job is null or { Rank: 0 })
            {
                _trace.Write(request.Trace);
            }
        }
        if (_job is { Rank: > 0 })
        {
            Follow();
        }
    }

    public double Work => (double)_source.BatchSize * Steps * (_compiled.Distribution is null ? _ranks : 1);

    public double Run()
    {
        Tell(Go);
        return Train();
    }

    public float[] Probabilities() => throw new NotSupportedException("Outputs are not compared here.");

    public void Dispose()
    {
        Tell(0);
        _job?.Dispose();
    }

    private void Tell(byte word) => _job?.Communicator.Broadcast([word]);

    // The bench speaks to rank 0 alone.
    private void Follow()
    {
        var word = new byte[1];
        while (true)
        {
            _job!.Communicator.Broadcast(word);
            if (word[0] != Go)
            {
                _job.Dispose();
                Environment.Exit(0);
            }
            Train();
        }
    }

    private double Train()
    {
        History history = _model.Fit(_source, _epoch + 1, initialEpoch: _epoch, verbose: 0);
        _epoch++;
        _job?.Communicator.Barrier();
        return history.Epochs[^1].Logs["loss"];
    }
}
