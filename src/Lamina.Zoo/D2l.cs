using static Lamina.Layers;

namespace Lamina;

public static partial class Zoo
{
    /// <summary>
    /// Builds AlexNet for Fashion-MNIST as in Zhang et al., "Dive into Deep Learning" (d2l.ai, section 8.1): one tower, no
    /// normalization, conv1 with padding 1; 46,764,746 parameters for 10 classes of gray images.
    /// </summary>
    /// <remarks>
    /// Kernels are initialized with glorot_uniform (the book's Xavier), biases with PyTorch's default, U(±1/√fan_in). The
    /// book has two dropouts, after the hidden dense layers, and reports accuracy only as a curve.
    /// </remarks>
    /// <param name="classes">The number of classes, at least 1.</param>
    /// <param name="inputSize">The side of the square images in pixels, at least 65.</param>
    /// <param name="channels">The images' channels, at least 1.</param>
    /// <param name="dropout">The probability that dropout zeroes a value, 0 to below 1.</param>
    /// <returns>A model from (N, size, size, channels) to probabilities (N, classes).</returns>
    /// <exception cref="ShapeException">The images are too small for the last pooling.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static Model D2l(int classes = 10, int inputSize = 224, int channels = 1, double dropout = 0.5)
    {
        Symbol input = InputImages(inputSize, channels);
        Symbol x = Convolution(input, filters: 96, kernel: 11, strides: 4, padding: 1);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Convolution(x, filters: 256, kernel: 5, padding: 2);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Convolution(x, filters: 384, kernel: 3, padding: 1);
        x = Convolution(x, filters: 384, kernel: 3, padding: 1);
        x = Convolution(x, filters: 256, kernel: 3, padding: 1);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Flatten()(x);
        x = Hidden(x, units: 4096, activation: "relu");
        x = Dropout(rate: dropout)(x);
        x = Hidden(x, units: 4096, activation: "relu");
        x = Dropout(rate: dropout)(x);
        return Model(input, Hidden(x, units: classes, activation: "softmax"));

        static Symbol Convolution(Symbol x, int filters, int kernel, int padding, int strides = 1) =>
            Conv2D(
                filters,
                kernel,
                strides,
                Padding.Explicit(padding, padding, padding, padding),
                activation: "relu",
                biasInitializer: PyTorchUniform(kernel * kernel * x.Shape[3]!.Value)
            )(x);

        static Symbol Hidden(Symbol x, int units, Activation activation) =>
            Dense(units, activation, biasInitializer: PyTorchUniform(x.Shape[1]!.Value))(x);
    }
}
