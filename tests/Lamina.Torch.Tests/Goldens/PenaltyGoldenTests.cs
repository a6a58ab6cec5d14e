using static Lamina.Layers;

namespace Lamina.Torch.Tests.Goldens;

/// <summary>Regularizers and constraints against what Keras computes.</summary>
public class PenaltyGoldenTests
{
    private static readonly Golden s_golden = Golden.Load("keras.json")["penalties"];

    public static TheoryData<string> Regularizers => [.. s_golden["regularizers"].Parts.Select(p => p.Name)];

    public static TheoryData<string> Constraints => [.. s_golden["constraints"].Parts.Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Regularizers))]
    public void A_regularizer_is_that_of_Keras(string name)
    {
        NDArray weight = s_golden["weight"].Tensor;
        Regularizer regularizer = name switch
        {
            "l1" => new L1(0.1),
            "l2" => new L2(0.2),
            "l1_l2" => new L1L2(0.3, 0.4),
            "orthogonal rows" => new OrthogonalRegularizer(0.5),
            "orthogonal columns" => new OrthogonalRegularizer(0.5, "columns"),
            _ => throw new ArgumentException(name),
        };
        foreach (Device device in TestDevices.All)
        {
            Symbol input = Input(weight.Count);
            Model model = Model(input, Dense(4, useBias: false, kernelRegularizer: regularizer)(input));
            model.Weights[0].SetValues(weight.Values);
            model.Compile("sgd", "mse", device: device);
            // Of zeros there is no loss but the penalty.
            double loss = model.TestOnBatch(new NDArray([1, weight.Count]), new NDArray([1, 4]))["loss"];
            double expected = s_golden["regularizers"][name]["penalty"].Number;
            Assert.Equal(expected, loss, 1e-5 * Math.Max(1, expected));
        }
    }

    [Theory]
    [MemberData(nameof(Constraints))]
    public void A_constraint_is_that_of_Keras(string name)
    {
        Golden golden = s_golden["constraints"][name];
        NDArray weight = golden["weight"].Tensor;
        int[] filters = [0, 1, 2];
        Constraint constraint = name switch
        {
            "max_norm" => new MaxNorm(1.1),
            "max_norm of filters" => new MaxNorm(2.5, filters),
            "min_max_norm" => new MinMaxNorm(1.2, 1.6),
            "min_max_norm by and by" => new MinMaxNorm(1.2, 1.6, rate: 0.3, axes: [1]),
            "non_neg" => new NonNeg(),
            "unit_norm" => new UnitNorm(),
            "unit_norm of filters" => new UnitNorm(filters),
            _ => throw new ArgumentException(name),
        };
        foreach (Device device in TestDevices.All)
        {
            // A rate of 0 changes nothing, so that the constraint alone does.
            Model model = weight.Shape.Rank == 2 ? DenseModel(weight, constraint) : Convolution(weight, constraint);
            model.Weights[0].SetValues(weight.Values);
            model.Compile(new Sgd(0), "mse", device: device);
            NDArray x = new(model.Inputs[0].Shape.WithBatch(1));
            model.TrainOnBatch(x, new NDArray(model.Outputs[0].Shape.WithBatch(1)));
            float[] constrained = model.Weights[0].GetValues();
            ReadOnlySpan<float> expected = golden["result"].Tensor.Values;
            for (int i = 0; i < constrained.Length; i++)
            {
                Assert.Equal(expected[i], constrained[i], 2e-6);
            }
        }
    }

    private static Model DenseModel(NDArray weight, Constraint constraint)
    {
        Symbol input = Input(weight.Count);
        return Model(input, Dense(weight.Shape[1]!.Value, useBias: false, kernelConstraint: constraint)(input));
    }

    private static Model Convolution(NDArray weight, Constraint constraint)
    {
        int[] shape = weight.Shape.ToArray();
        Symbol input = Input(shape[0], shape[1], shape[2]);
        return Model(
            input,
            Conv2D(shape[3], (shape[0], shape[1]), useBias: false, kernelConstraint: constraint)(input)
        );
    }
}
