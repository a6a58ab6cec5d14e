// A custom layer, registered with one line, in a model that is trained, saved and loaded.
using CustomLayer;
using Lamina;
using static Lamina.Layers;

LayerRegistry.Register<RmsNormalization>();

Symbol input = Input(8);
Symbol x = Dense(16, activation: "relu")(input);
x = new RmsNormalization().Apply(x);

// Operators on layer outputs become nodes of the graph.
Symbol output = Dense(1)(x) * 2 + 1;
Model model = Model(input, output);
model.Summary();

var random = new RandomStream(1, RandomPurpose.User);
var features = new NDArray(Shape.Of(256, 8));
var targets = new NDArray(Shape.Of(256, 1));
for (int i = 0; i < 256; i++)
{
    for (int j = 0; j < 8; j++)
    {
        features[i, j] = random.NextSingle() - 0.5f;
        targets[i, 0] += features[i, j] * j;
    }
}
model.Compile(new Adam(0.01), "mean_squared_error");
model.Fit(features, targets, epochs: 20);

string path = Path.Combine(Path.GetTempPath(), "custom-layer.lamina");
ModelFile.Save(model, path);
Model loaded = ModelFile.Load(path).Model;
float difference = 0;
NDArray expected = model.Predict(features);
NDArray actual = loaded.Predict(features);
for (int i = 0; i < 256; i++)
{
    difference = Math.Max(difference, Math.Abs(expected[i, 0] - actual[i, 0]));
}
Console.WriteLine($"Largest difference after loading: {difference}");
