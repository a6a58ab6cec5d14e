using static Lamina.Layers;

namespace Lamina;

public static partial class Zoo
{
    /// <summary>
    /// Builds AlexNet as in the paper (Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional
    /// Neural Networks", 2012): 60,965,224 parameters. Its two GPUs are two groups in conv2, conv4 and conv5.
    /// </summary>
    /// <remarks>
    /// <para>With the paper's 224×224 images, conv1 has the 55×55 outputs of the paper's neuron counts only if zeros are added
    /// beyond the right and bottom edges, as in its program (cuda-convnet): 0 pixels before, 3 after.</para>
    /// <para>Local response normalization follows the ReLU of conv1 and conv2, and precedes pooling (section 3.5). Its sum
    /// runs over all kernels of a layer, as in the paper's formula, and so across the groups.</para>
    /// <para>Weights are initialized from N(0, 0.01²); biases are 1 in conv2, conv4, conv5 and the hidden dense layers, else 0
    /// (section 5).</para>
    /// </remarks>
    /// <param name="classes">The number of classes, at least 1.</param>
    /// <param name="inputSize">The side of the square images in pixels, at least 64.</param>
    /// <param name="channels">The images' channels, at least 1.</param>
    /// <param name="dropout">The probability that each of the two dropouts zeroes a value, 0 to below 1.</param>
    /// <returns>A model from (N, size, size, channels) to probabilities (N, classes).</returns>
    /// <exception cref="ShapeException">The images are too small for the last pooling.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static Model Paper(int classes = 1000, int inputSize = 224, int channels = 3, double dropout = 0.5)
    {
        Initializer normal = new RandomNormal(0, 0.01);
        Symbol input = InputImages(inputSize, channels);
        Symbol x = Conv2D(96, 11, 4, Padding.Explicit(0, 3, 0, 3), activation: "relu", kernelInitializer: normal)(
            input
        );
        x = PaperLrn(n: 5, alpha: 1e-4, beta: 0.75, k: 2)(x);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Convolution(x, filters: 256, kernel: 5, groups: 2, bias: "ones");
        x = PaperLrn(n: 5, alpha: 1e-4, beta: 0.75, k: 2)(x);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Convolution(x, filters: 384, kernel: 3, groups: 1, bias: "zeros");
        x = Convolution(x, filters: 384, kernel: 3, groups: 2, bias: "ones");
        x = Convolution(x, filters: 256, kernel: 3, groups: 2, bias: "ones");
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Flatten()(x);
        x = Dense(units: 4096, activation: "relu", kernelInitializer: normal, biasInitializer: "ones")(x);
        x = Dropout(rate: dropout)(x);
        x = Dense(units: 4096, activation: "relu", kernelInitializer: normal, biasInitializer: "ones")(x);
        x = Dropout(rate: dropout)(x);
        Symbol output = Dense(units: classes, activation: "softmax", kernelInitializer: normal)(x);
        return Model(input, output);

        Symbol Convolution(Symbol x, int filters, int kernel, int groups, Initializer bias) =>
            Conv2D(
                filters,
                kernel,
                padding: "same",
                groups: groups,
                activation: "relu",
                kernelInitializer: normal,
                biasInitializer: bias
            )(x);
    }
}
