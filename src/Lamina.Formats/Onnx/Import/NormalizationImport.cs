namespace Lamina;

/// <summary>Imports BatchNormalization and LRN.</summary>
internal static class NormalizationImport
{
    private static readonly string[] s_weights = ["gamma", "beta", "moving_mean", "moving_variance"];

    public static void Batch(ImportedNode node, ImportContext context)
    {
        node.RequireOneOutput();
        bool isTraining = context.IsTraining(node) || node.Int("training_mode", 0) != 0;
        if (isTraining || node.Int("spatial", 1) == 0)
        {
            throw node.Error("is in training mode or not spatial; export the model for inference");
        }
        node.Ignore("consumed_inputs");
        ImportedValue x = node.Tensor(0);
        if (x.Rank < 2)
        {
            throw node.Error("its input has no channels");
        }
        // A flattened image's statistics are in the file's order.
        x = x.Flat is null ? x : ImportedValue.Of(context.Plain(x, node));
        int axis = x.Axes[1];
        int channels = x.Size(1)!.Value;
        double epsilon = node.Real("epsilon", 1e-5f);
        double momentum = node.Real("momentum", 0.9f);
        OnnxTensor[] statistics =
        [
            .. Enumerable.Range(1, 4).Select(i => ConvolutionImport.Vector(node.Constant(i), channels, node)),
        ];
        Symbol result = context.Shared(
            $"{node.Signature} {axis}",
            x.Symbol,
            () =>
                new BatchNormalization(
                    axis == x.Rank - 1 ? -1 : axis,
                    momentum,
                    epsilon,
                    name: context.LayerName(node)
                ),
            layer =>
            {
                foreach ((string name, OnnxTensor tensor) in s_weights.Zip(statistics))
                {
                    float[] values = context.NewWeight(channels, node);
                    tensor.Read(values);
                    ImportContext.SetWeight(layer, name, values);
                }
            }
        );
        context.Set(node.Outputs[0], x.With(result));
    }

    public static void LocalResponse(ImportedNode node, ImportContext context)
    {
        Symbol images = context.Images(node.Tensor(0), node);
        long size = node.Int("size", 0);
        if (size is < 1 or > int.MaxValue || size % 2 == 0)
        {
            throw node.Error($"sums over {size} channels; Lamina's normalization needs an odd number");
        }
        // ONNX divides alpha by the number of channels summed.
        double alpha = node.Real("alpha", 1e-4f) / (double)size;
        var layer = new LocalResponseNormalization(
            (int)size,
            alpha,
            node.Real("beta", 0.75f),
            node.Real("bias", 1),
            context.LayerName(node)
        );
        context.Set(node.Outputs[0], ImportedValue.Of(layer.Apply(images), [0, 3, 1, 2]));
    }
}
