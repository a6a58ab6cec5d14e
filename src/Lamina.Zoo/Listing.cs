using static Lamina.Layers;

namespace Lamina;

public static partial class Zoo
{
    /// <summary>
    /// Builds AlexNet as in the "Final code" of the Keras document that Lamina ports: 28,600,264 parameters for 1000 classes.
    /// It differs from the <see cref="Walkthrough"/> in conv5, which repeats conv1: 96 kernels of 11×11, strides 4.
    /// </summary>
    /// <remarks>
    /// The document prints the summary of this model, built after the walkthrough in the same process, where the numbering
    /// of layer names continues.
    /// </remarks>
    /// <param name="classes">The number of classes, at least 1.</param>
    /// <param name="inputSize">The side of the square images in pixels.</param>
    /// <param name="channels">The images' channels, at least 1.</param>
    /// <param name="dropout">The probability that dropout zeroes a value, 0 to below 1.</param>
    /// <returns>A model from (N, size, size, channels) to probabilities (N, classes).</returns>
    /// <exception cref="ShapeException">The images are too small for the last pooling.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static Model Listing(int classes = 1000, int inputSize = 224, int channels = 3, double dropout = 0.5)
    {
        Symbol input = InputImages(inputSize, channels);
        Symbol x = Conv2D(filters: 96, kernelSize: 11, strides: 4, padding: "same", activation: "relu")(input);
        x = BatchNormalization()(x);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Conv2D(filters: 256, kernelSize: 5, strides: 1, padding: "same", activation: "relu")(x);
        x = BatchNormalization()(x);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Conv2D(filters: 384, kernelSize: 3, padding: "same", activation: "relu")(x);
        x = Conv2D(filters: 384, kernelSize: 3, padding: "same", activation: "relu")(x);
        x = Conv2D(filters: 96, kernelSize: 11, strides: 4, padding: "same", activation: "relu")(x);
        x = BatchNormalization()(x);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Flatten()(x);
        x = Dense(units: 4096, activation: "relu")(x);
        x = Dense(units: 4096, activation: "relu")(x);
        x = Dropout(rate: dropout)(x);
        Symbol output = Dense(units: classes, activation: "softmax")(x);
        return Model(input, output);
    }
}
