namespace Lamina.Torch.Tests.Goldens;

/// <summary>Five steps of each update rule against its formula in float64.</summary>
public class OptimizerGoldenTests
{
    // Over and over, so that vectors of any width and a rest are filled.
    private const int Copies = 9;

    public static TheoryData<string> Cases => [.. Golden.Load("optimizers.json")["cases"].Parts.Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Five_steps_follow_the_rule(string name)
    {
        Golden golden = Golden.Load("optimizers.json");
        Golden rule = golden["cases"][name];
        Optimizer optimizer = Make(name, rule["options"]);
        float[] start = Repeated(golden["initial"]);
        using Tensor weight = Tensor.FromSpan(start, [start.Length]);
        Tensor[] slots = [.. optimizer.SlotNames.Select(_ => Tensor.Zeros([start.Length]))];
        Golden[] gradients = [.. golden["gradients"].Items];
        Golden[] expected = [.. rule["weights"].Items];
        for (int step = 0; step < gradients.Length; step++)
        {
            using Tensor gradient = Tensor.FromSpan(Repeated(gradients[step]), [start.Length]);
            optimizer.Update(weight, gradient, slots, new WeightStep(step + 1, optimizer.LearningRate));
            float[] w = Repeated(expected[step]);
            for (int i = 0; i < w.Length; i++)
            {
                Assert.Equal(w[i], weight.AsSpan()[i], 1e-6);
            }
        }
        foreach (Tensor slot in slots)
        {
            slot.Dispose();
        }
    }

    private static Optimizer Make(string name, Golden options)
    {
        double Option(string key, double otherwise = 0) => options.Has(key) ? options[key].Number : otherwise;
        if (name.StartsWith("adam", StringComparison.Ordinal))
        {
            return new Adam(Option("rate"), Option("beta1", .9), Option("beta2", .999), Option("epsilon", 1e-7));
        }
        SgdRule rule =
            name.StartsWith("keras", StringComparison.Ordinal) ? SgdRule.Keras
            : name.StartsWith("torch", StringComparison.Ordinal) ? SgdRule.PyTorch
            : SgdRule.Paper;
        bool nesterov = options.Has("nesterov") && options["nesterov"].Flag;
        return new Sgd(Option("rate"), Option("momentum"), nesterov, Option("decay"), rule);
    }

    private static float[] Repeated(Golden tensor) =>
        [.. Enumerable.Repeat(tensor.Tensor.Values.ToArray(), Copies).SelectMany(v => v)];
}
