// The tutorial's final listing, line by line, followed by a training step.

// Importing libraries
using Lamina;
using static Lamina.Layers;
using static Lamina.Plotting;

// Defining the inputs
var input = Input(224, 224, 3);

// 1st conv layer block
var x = Conv2D(filters: 96, kernelSize: 11, strides: 4, padding: "same", activation: "relu")(input);
x = BatchNormalization()(x);
x = MaxPool2D(poolSize: 3, strides: 2)(x);

// 2nd conv layer block
x = Conv2D(filters: 256, kernelSize: 5, strides: 1, padding: "same", activation: "relu")(x);
x = BatchNormalization()(x);
x = MaxPool2D(poolSize: 3, strides: 2)(x);

// 3rd conv layer block
x = Conv2D(filters: 384, kernelSize: 3, padding: "same", activation: "relu")(x);

// 4th conv layer block
x = Conv2D(filters: 384, kernelSize: 3, padding: "same", activation: "relu")(x);

// 5th conv layer block
x = Conv2D(filters: 96, kernelSize: 11, strides: 4, padding: "same", activation: "relu")(x);
x = BatchNormalization()(x);
x = MaxPool2D(poolSize: 3, strides: 2)(x);

// Flattening layer
x = Flatten()(x);
x = Dense(units: 4096, activation: "relu")(x);
x = Dense(units: 4096, activation: "relu")(x);
x = Dropout(rate: 0.5)(x);

var output = Dense(units: 1000, activation: "softmax")(x);
var model = Model(inputs: input, outputs: output);
model.Summary();

PlotModel(model, "my_model.png", showShapes: true);

// One step on one batch of noise: the loss of a fixed batch falls.
var random = new RandomStream(seed: 1, RandomPurpose.User);
var images = new NDArray([8, 224, 224, 3]);
foreach (ref float pixel in images.Values)
{
    pixel = random.NextSingle();
}
var labels = new NDArray([8], new float[] { 0, 1, 2, 3, 4, 5, 6, 7 });
model.Compile(new Sgd(0.001, momentum: 0.9), "sparse_categorical_crossentropy", ["accuracy"]);
Console.WriteLine($"loss before a step: {model.TrainOnBatch(images, labels)["loss"]:0.0000}");
Console.WriteLine($"loss after it:      {model.TrainOnBatch(images, labels)["loss"]:0.0000}");
