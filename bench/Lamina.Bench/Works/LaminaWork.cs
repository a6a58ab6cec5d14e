using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>Lamina's public API on a model and a batch, as the peers have them.</summary>
internal abstract class LaminaWork : IPeerWork
{
    protected LaminaWork(PeerRequest request)
    {
        Description = PeerModel.Load(request.Folder);
        Model = ModelFile.Load(ModelExport.LaminaPath(request.Folder)).Model;
        if (request.Check)
        {
            Model plain = Zoo.Build(Description.Name, new ZooOptions { InputSize = Description.Input, Dropout = 0 });
            foreach ((Weight target, Weight source) in plain.Weights.Zip(Model.Weights))
            {
                target.SetValues(source.GetValues());
            }
            Model = plain;
        }
        Images = ImagesOf(Description, request, request.Batch);
    }

    /// <summary>Some of the images that every peer is fed.</summary>
    public static NDArray ImagesOf(PeerModel model, PeerRequest request, int count) =>
        new(Shape.Of(count, model.Input, model.Input, model.Channels), PeerImages.Read(request.Folder, model, count));

    protected PeerModel Description { get; }

    protected Model Model { get; }

    protected NDArray Images { get; }

    public double Work => Images.Count;

    public abstract double Run();

    public float[] Probabilities() => Model.Predict(Images, Images.Count).Values.ToArray();

    public void Dispose() { }
}

internal sealed class LaminaInference : LaminaWork
{
    /// <summary>With the weights of dense layers in 16 bits.</summary>
    public const string HalfVariant = "half";

    public LaminaInference(PeerRequest request)
        : base(request)
    {
        Model.DensePrecision = request.Variant == HalfVariant ? WeightPrecision.Float16 : WeightPrecision.Float32;
        Run();
    }

    public override double Run() => Model.Predict(Images, Images.Count).Values[0];
}

/// <summary>Whole training steps: forward, loss, backward, update.</summary>
internal sealed class LaminaTraining : LaminaWork
{
    private readonly NDArray _labels;

    public LaminaTraining(PeerRequest request)
        : base(request)
    {
        Model.Compile(
            new Sgd(request.LearningRate, momentum: PeerRequest.Momentum),
            "sparse_categorical_crossentropy",
            []
        );
        _labels = new NDArray(Shape.Of(request.Batch));
        for (int i = 0; i < request.Batch; i++)
        {
            _labels.Values[i] = PeerImages.Label(i, Description.Classes);
        }
        if (!request.Check)
        {
            Run();
        }
    }

    public override double Run() => Model.TrainOnBatch(Images, _labels)["loss"];
}
