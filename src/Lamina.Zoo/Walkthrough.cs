using static Lamina.Layers;

namespace Lamina;

public static partial class Zoo
{
    /// <summary>
    /// Builds AlexNet as in sections 2 to 7 of the Keras document that Lamina ports: 62,380,776 parameters for 1000 classes.
    /// Its conv5 has 256 kernels of 3×3, as in the paper; the document's final <see cref="Listing"/> differs there.
    /// </summary>
    /// <remarks>
    /// Differences from the paper (Krizhevsky et al. 2012): batch normalization instead of local response normalization, one
    /// tower instead of two groups, 'same' padding, and one dropout, after the second dense layer, whereas the document's text
    /// and the paper have one after each of the first two.
    /// </remarks>
    /// <param name="classes">The number of classes, at least 1.</param>
    /// <param name="inputSize">The side of the square images in pixels.</param>
    /// <param name="channels">The images' channels, at least 1.</param>
    /// <param name="dropout">The probability that dropout zeroes a value, 0 to below 1.</param>
    /// <returns>A model from (N, size, size, channels) to probabilities (N, classes).</returns>
    /// <exception cref="ShapeException">The images are too small for the last pooling.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static Model Walkthrough(int classes = 1000, int inputSize = 224, int channels = 3, double dropout = 0.5)
    {
        Symbol input = InputImages(inputSize, channels);
        Symbol x = Conv2D(filters: 96, kernelSize: 11, strides: 4, padding: "same", activation: "relu")(input);
        x = BatchNormalization()(x);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Conv2D(filters: 256, kernelSize: 5, padding: "same", activation: "relu")(x);
        x = BatchNormalization()(x);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Conv2D(filters: 384, kernelSize: 3, padding: "same", activation: "relu")(x);
        x = Conv2D(filters: 384, kernelSize: 3, padding: "same", activation: "relu")(x);
        x = Conv2D(filters: 256, kernelSize: 3, padding: "same", activation: "relu")(x);
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
