using static Lamina.Layers;

namespace Lamina;

public static partial class Zoo
{
    /// <summary>
    /// AlexNet's layout fitted to small images and few of them: five convolutions, three poolings, three dense layers;
    /// 4,091,064 parameters for 1000 classes at 64×64.
    /// </summary>
    /// <remarks>
    /// The walkthrough's first convolution, 11×11 with a stride of 4, leaves 16×16 positions of a 64×64 image, and its last
    /// pooling a single one. Here the first convolution is 5×5 with a stride of 2 and the second 3×3, all have half the
    /// filters, and each is followed by batch normalization, so that a step costs about as much and sees four times as many
    /// positions. Both hidden dense layers have 1,024 units and are followed by dropout, as in the paper.
    /// </remarks>
    /// <param name="classes">The number of classes, at least 1.</param>
    /// <param name="inputSize">The side of the square images in pixels, at least 29.</param>
    /// <param name="channels">The images' channels, at least 1.</param>
    /// <param name="dropout">The probability that dropout zeroes a value, 0 to below 1.</param>
    /// <returns>A model from (N, size, size, channels) to probabilities (N, classes).</returns>
    /// <exception cref="ShapeException">The images are too small for the last pooling.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static Model Small(int classes = 1000, int inputSize = 64, int channels = 3, double dropout = 0.5)
    {
        Symbol input = InputImages(inputSize, channels);
        Symbol x = Convolution(input, filters: 48, kernel: 5, strides: 2);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Convolution(x, filters: 128, kernel: 3);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Convolution(x, filters: 192, kernel: 3);
        x = Convolution(x, filters: 192, kernel: 3);
        x = Convolution(x, filters: 128, kernel: 3);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Flatten()(x);
        x = Dense(units: 1024, activation: "relu")(x);
        x = Dropout(rate: dropout)(x);
        x = Dense(units: 1024, activation: "relu")(x);
        x = Dropout(rate: dropout)(x);
        return Model(input, Dense(units: classes, activation: "softmax")(x));

        static Symbol Convolution(Symbol x, int filters, int kernel, int strides = 1)
        {
            x = Conv2D(filters, kernel, strides, padding: "same", useBias: false)(x);
            x = BatchNormalization()(x);
            return Activation("relu")(x);
        }
    }
}
