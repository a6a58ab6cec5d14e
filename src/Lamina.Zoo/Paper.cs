using static Lamina.Layers;

namespace Lamina;

public static partial class Zoo
{
    /// <summary>
    /// AlexNet as the paper has it (Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional
    /// Neural Networks", 2012): 60,965,224 parameters. Its two GPUs are two groups of conv2, conv4 and conv5.
    /// </summary>
    /// <remarks>
    /// <para>The paper's 224×224 images give conv1 the 55×55 outputs that its neuron counts need only with zeros beyond the
    /// right and bottom edges, where its program (cuda-convnet) let the last windows run: 0 pixels before, 3 after.</para>
    /// <para>Response normalisation follows the ReLU of conv1 and conv2, and pooling follows that (section 3.5). Its sum
    /// runs over all kernels of a layer, as the paper's formula does, and so across the border between the groups.</para>
    /// <para>Weights begin as N(0, 0.01²); biases as 1 in conv2, conv4, conv5 and the hidden dense layers, else 0
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
