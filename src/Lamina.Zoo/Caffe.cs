using static Lamina.Layers;

namespace Lamina;

public static partial class Zoo
{
    /// <summary>
    /// Builds BVLC AlexNet, Caffe's replication of the paper (models/bvlc_alexnet): 60,965,224 parameters. Like
    /// <see cref="Paper"/>, but with 227×227 images, for which conv1 needs no padding for 55×55 outputs.
    /// </summary>
    /// <remarks>
    /// Local response normalization follows Caffe's convention: alpha 1e-4 is divided by the 5 channels, and k is 1. Weights
    /// are initialized from N(0, 0.01²), or N(0, 0.005²) in the hidden dense layers; biases that are 1 in the paper are 0.1
    /// ("initialization to 1 gave flat loss", according to its readme). Caffe rounds the sizes of pooling outputs up; at 227
    /// there is nothing to round, and at other sizes this model rounds down like all others.
    /// </remarks>
    /// <param name="classes">The number of classes, at least 1.</param>
    /// <param name="inputSize">The side of the square images in pixels, at least 67.</param>
    /// <param name="channels">The images' channels, at least 1.</param>
    /// <param name="dropout">The probability that each of the two dropouts zeroes a value, 0 to below 1.</param>
    /// <returns>A model from (N, size, size, channels) to probabilities (N, classes).</returns>
    /// <exception cref="ShapeException">The images are too small for the last pooling.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static Model Caffe(int classes = 1000, int inputSize = 227, int channels = 3, double dropout = 0.5) =>
        OfCaffe(classes, inputSize, channels, dropout, bias: 0.1, NormalizeThenPool);

    /// <summary>
    /// Builds CaffeNet, Caffe's reference model (models/bvlc_reference_caffenet): 60,965,224 parameters. Like
    /// <see cref="Caffe"/>, but with pooling before local response normalization, which then has a quarter of the values.
    /// </summary>
    /// <remarks>Biases that are 1 in the paper are 1 here too; otherwise initialized like <see cref="Caffe"/>.</remarks>
    /// <param name="classes">The number of classes, at least 1.</param>
    /// <param name="inputSize">The side of the square images in pixels, at least 67.</param>
    /// <param name="channels">The images' channels, at least 1.</param>
    /// <param name="dropout">The probability that each of the two dropouts zeroes a value, 0 to below 1.</param>
    /// <returns>A model from (N, size, size, channels) to probabilities (N, classes).</returns>
    /// <exception cref="ShapeException">The images are too small for the last pooling.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static Model CaffeNet(int classes = 1000, int inputSize = 227, int channels = 3, double dropout = 0.5) =>
        OfCaffe(classes, inputSize, channels, dropout, bias: 1, PoolThenNormalize);

    private static Symbol NormalizeThenPool(Symbol x) =>
        MaxPool2D(poolSize: 3, strides: 2)(CaffeLrn(localSize: 5, alpha: 1e-4, beta: 0.75)(x));

    private static Symbol PoolThenNormalize(Symbol x) =>
        CaffeLrn(localSize: 5, alpha: 1e-4, beta: 0.75)(MaxPool2D(poolSize: 3, strides: 2)(x));

    private static Model OfCaffe(
        int classes,
        int inputSize,
        int channels,
        double dropout,
        double bias,
        Func<Symbol, Symbol> reduce
    )
    {
        var positive = new Constant(bias);
        Symbol input = InputImages(inputSize, channels);
        Symbol x = Convolution(input, 96, kernel: 11, strides: 4, padding: "valid");
        x = reduce(x);
        x = Convolution(x, 256, kernel: 5, groups: 2, bias: positive);
        x = reduce(x);
        x = Convolution(x, 384, kernel: 3);
        x = Convolution(x, 384, kernel: 3, groups: 2, bias: positive);
        x = Convolution(x, 256, kernel: 3, groups: 2, bias: positive);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Flatten()(x);
        x = Hidden(x);
        x = Dropout(rate: dropout)(x);
        x = Hidden(x);
        x = Dropout(rate: dropout)(x);
        Symbol output = Dense(classes, activation: "softmax", kernelInitializer: new RandomNormal(0, 0.01))(x);
        return Model(input, output);

        static Symbol Convolution(
            Symbol x,
            int filters,
            int kernel,
            int strides = 1,
            string padding = "same",
            int groups = 1,
            Initializer? bias = null
        ) =>
            Conv2D(
                filters,
                kernel,
                strides,
                padding,
                groups: groups,
                activation: "relu",
                kernelInitializer: new RandomNormal(0, 0.01),
                biasInitializer: bias
            )(x);

        Symbol Hidden(Symbol x) =>
            Dense(4096, "relu", kernelInitializer: new RandomNormal(0, 0.005), biasInitializer: positive)(x);
    }
}
