namespace Lamina.Torch.Tests.Goldens;

/// <summary>Five steps of each update rule against its formula in float64.</summary>
public class OptimizerGoldenTests
{
    // Over and over, so that vectors of any width and a rest are filled.
    private const int Copies = 9;

    public static TheoryData<string> Cases => [.. Golden.Load("optimizers.json")["cases"].Parts.Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Five_steps_follow_the_rule(string name) => Walk(name, DType.Float32, Device.Cpu);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Five_steps_through_the_dispatcher_follow_the_rule(string name) =>
        Walk(name, DType.Float64, Device.Portable);

    private static void Walk(string name, DType type, Device device)
    {
        Golden golden = Golden.Load("optimizers.json");
        Golden rule = golden["cases"][name];
        Optimizer optimizer = Make(name, rule["options"]);
        using Tensor weight = Repeated(golden["initial"], type);
        UpdateKernels kernels = Backends.For(device).Updates(null);
        using var update = new OptimizerRule(optimizer, Shape.Of((int)weight.Count), device, kernels);
        Tensor[] slots = [.. optimizer.Slots.Select(_ => Tensor.Zeros(weight.Sizes, type))];
        Golden[] gradients = [.. golden["gradients"].Items];
        Golden[] expected = [.. rule["weights"].Items];
        var moved = new float[weight.Count];
        for (int step = 0; step < gradients.Length; step++)
        {
            using Tensor gradient = Repeated(gradients[step], type);
            update.Run(weight, gradient, slots, new WeightStep(kernels, step + 1, optimizer.LearningRate));
            weight.CopyTo(moved);
            float[] values = expected[step].Tensor.Values.ToArray();
            for (int i = 0; i < moved.Length; i++)
            {
                Assert.Equal(values[i % values.Length], moved[i], 1e-6);
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
        if (name.StartsWith("lars", StringComparison.Ordinal))
        {
            // Copies leave the ratio of the norms as it is.
            return new Lars(Option("rate"), Option("momentum"), Option("decay"), Option("trust"), adaptVectors: true);
        }
        if (name == "adamw")
        {
            return new AdamW(Option("rate"), Option("decay"));
        }
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

    private static Tensor Repeated(Golden tensor, DType type)
    {
        float[] values = [.. Enumerable.Repeat(tensor.Tensor.Values.ToArray(), Copies).SelectMany(v => v)];
        using Tensor single = Tensor.FromSpan(values, [values.Length]);
        Tensor result = Tensor.Empty(single.Sizes, type);
        result.CopyFrom(single);
        return result;
    }
}
