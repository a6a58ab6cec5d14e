using static Lamina.Layers;

namespace Lamina;

public static partial class Zoo
{
    /// <summary>
    /// Builds torchvision's AlexNet, after Krizhevsky, "One weird trick for parallelizing convolutional neural networks"
    /// (2014): one tower of 64, 192, 384, 256 and 256 filters, no normalization; 61,100,840 parameters.
    /// </summary>
    /// <remarks>
    /// <para>Average pooling to 6×6 precedes the dense layers, so that the parameters do not depend on the input size; at 224
    /// it has no effect. Dropout comes before each hidden dense layer, not after.</para>
    /// <para>Weights and biases are initialized with PyTorch's default, U(±1/√fan_in).</para>
    /// </remarks>
    /// <param name="classes">The number of classes, at least 1.</param>
    /// <param name="inputSize">The side of the square images in pixels, at least 63.</param>
    /// <param name="channels">The images' channels, at least 1.</param>
    /// <param name="dropout">The probability that each of the two dropouts zeroes a value, 0 to below 1.</param>
    /// <returns>A model from (N, size, size, channels) to probabilities (N, classes).</returns>
    /// <exception cref="ShapeException">The images are too small for the last max pooling.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static Model OneWeirdTrick(int classes = 1000, int inputSize = 224, int channels = 3, double dropout = 0.5)
    {
        Symbol input = InputImages(inputSize, channels);
        Symbol x = Convolution(input, filters: 64, kernel: 11, strides: 4, padding: 2);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Convolution(x, filters: 192, kernel: 5, padding: 2);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Convolution(x, filters: 384, kernel: 3, padding: 1);
        x = Convolution(x, filters: 256, kernel: 3, padding: 1);
        x = Convolution(x, filters: 256, kernel: 3, padding: 1);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = AdaptiveAveragePooling2D(outputSize: 6)(x);
        x = Flatten()(x);
        x = Dropout(rate: dropout)(x);
        x = FullyConnected(x, units: 4096, activation: "relu");
        x = Dropout(rate: dropout)(x);
        x = FullyConnected(x, units: 4096, activation: "relu");
        return Model(input, FullyConnected(x, units: classes, activation: "softmax"));

        static Symbol Convolution(Symbol x, int filters, int kernel, int padding, int strides = 1)
        {
            RandomUniform initial = PyTorchUniform(kernel * kernel * x.Shape[3]!.Value);
            return Conv2D(
                filters,
                kernel,
                strides,
                Padding.Explicit(padding, padding, padding, padding),
                activation: "relu",
                kernelInitializer: initial,
                biasInitializer: initial
            )(x);
        }

        static Symbol FullyConnected(Symbol x, int units, Activation activation)
        {
            RandomUniform initial = PyTorchUniform(x.Shape[1]!.Value);
            return Dense(units, activation, kernelInitializer: initial, biasInitializer: initial)(x);
        }
    }
}
