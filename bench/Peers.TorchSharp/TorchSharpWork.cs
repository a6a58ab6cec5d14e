using TorchSharp;
using static TorchSharp.torch;

namespace Lamina.Bench.Peers;

/// <summary>What inference and training share: the model and a batch.</summary>
internal abstract class TorchSharpWork : IPeerWork
{
    protected TorchSharpWork(PeerRequest request)
    {
        Description = PeerModel.Load(request.Folder);
        Model = new TorchSharpModel(Description, new PeerWeights(request.Folder), request.Check);
        float[] images = PeerImages.Read(request.Folder, Description, request.Batch, channelsFirst: true);
        Images = tensor(images, [request.Batch, Description.Channels, Description.Input, Description.Input]);
        Work = request.Batch;
    }

    protected PeerModel Description { get; }

    protected TorchSharpModel Model { get; }

    protected Tensor Images { get; }

    public double Work { get; }

    public abstract double Run();

    public float[] Probabilities()
    {
        bool training = Model.training;
        Model.eval();
        using DisposeScope scope = NewDisposeScope();
        using (no_grad())
        {
            float[] result = nn.functional.softmax(Model.forward(Images), 1).data<float>().ToArray();
            Model.train(training);
            return result;
        }
    }

    public virtual void Dispose()
    {
        Images.Dispose();
        Model.Dispose();
    }
}

internal sealed class TorchSharpInference : TorchSharpWork
{
    public TorchSharpInference(PeerRequest request)
        : base(request)
    {
        Model.eval();
        Run();
    }

    public override double Run()
    {
        using DisposeScope scope = NewDisposeScope();
        using (no_grad())
        {
            float[] result = nn.functional.softmax(Model.forward(Images), 1).data<float>().ToArray();
            return result[0];
        }
    }
}

internal sealed class TorchSharpTraining : TorchSharpWork
{
    private readonly Tensor _labels;
    private readonly optim.Optimizer _optimizer;

    public TorchSharpTraining(PeerRequest request)
        : base(request)
    {
        Model.train();
        long[] labels =
        [
            .. Enumerable.Range(0, request.Batch).Select(i => (long)PeerImages.Label(i, Description.Classes)),
        ];
        _labels = tensor(labels);
        _optimizer = optim.SGD(Model.parameters(), request.LearningRate, PeerRequest.Momentum);
        if (!request.Check)
        {
            Run();
        }
    }

    public override double Run()
    {
        using DisposeScope scope = NewDisposeScope();
        _optimizer.zero_grad();
        Tensor loss = nn.functional.cross_entropy(Model.forward(Images), _labels);
        loss.backward();
        _optimizer.step();
        return loss.item<float>();
    }

    public override void Dispose()
    {
        _optimizer.Dispose();
        _labels.Dispose();
        base.Dispose();
    }
}
