using static Lamina.Layers;

namespace Lamina.Torch.Tests.Goldens;

/// <summary>
/// Training of a model with two inputs and two outputs against tfjs-layers: losses by name, regularizers,
/// and optimizers.
/// </summary>
public class TfjsTrainingTests
{
    private static readonly Golden s_golden = Golden.Load("tfjs-training.json");

    public static TheoryData<string> Cases => [.. s_golden["cases"].Parts.Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Five_steps_are_those_of_tfjs(string name)
    {
        Golden golden = s_golden["cases"][name];
        Model model = Create();
        model.SetWeights([.. s_golden["start"].Items.Select(t => t.Tensor)]);
        model.Compile(
            OptimizerOf(name),
            namedLosses: new() { ["priority"] = "binary_crossentropy", ["department"] = "categorical_crossentropy" },
            metrics: new() { ["department"] = ["accuracy"] }
        );
        NDArray[] x = [.. s_golden["x"].Items.Select(t => t.Tensor)];
        NDArray[] y = [.. s_golden["y"].Items.Select(t => t.Tensor)];
        foreach (Golden step in golden["losses"].Items)
        {
            IReadOnlyDictionary<string, double> logs = model.TrainOnBatch(
                new Dictionary<string, NDArray> { ["title"] = x[0], ["body"] = x[1] },
                new Dictionary<string, NDArray> { ["priority"] = y[0], ["department"] = y[1] }
            );
            double[] expected = step.Numbers;
            Assert.Equal(expected[0], logs["loss"], 1e-5);
            Assert.Equal(expected[1], logs["priority_loss"], 1e-5);
            Assert.Equal(expected[2], logs["department_loss"], 1e-5);
            Assert.Equal(expected[3], logs["department_accuracy"], 1e-6);
        }
        // Adam's epsilon is in another place in tfjs, which shows where gradients are small.
        double tolerance = name == "adam" ? 1e-4 : 2e-5;
        foreach ((Weight weight, Golden expected) in model.Weights.Zip(golden["weights"].Items))
        {
            float[] values = weight.GetValues();
            ReadOnlySpan<float> wanted = expected.Tensor.Values;
            for (int i = 0; i < values.Length; i++)
            {
                Assert.Equal(wanted[i], values[i], tolerance);
            }
        }
    }

    private static Optimizer OptimizerOf(string name) =>
        name switch
        {
            "sgd" => new Sgd(0.2),
            "momentum" => new Sgd(0.1, momentum: 0.9),
            "adam" => new Adam(0.02),
            "rmsprop" => new RmsProp(0.02),
            "adagrad" => new Adagrad(0.1),
            _ => new Adamax(0.02),
        };

    private static Model Create()
    {
        Symbol title = Input(Shape.Of(5), name: "title");
        Symbol body = Input(Shape.Of(4), name: "body");
        Symbol hidden = Dense(
            6,
            activation: "tanh",
            kernelRegularizer: new L2(0.05),
            biasRegularizer: new L1(0.03),
            name: "hidden"
        )(title);
        Symbol other = Dense(3, activation: "relu", name: "other")(body);
        Symbol both = Concatenate()(hidden, other);
        return Model(
            [title, body],
            [
                Dense(1, activation: "sigmoid", name: "priority")(both),
                Dense(3, activation: "softmax", name: "department")(both),
            ]
        );
    }
}
