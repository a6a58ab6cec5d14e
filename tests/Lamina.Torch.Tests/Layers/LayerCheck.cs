using Lamina.Torch.Tests.Kernels;
using Lamina.Torch.Tests.References;

namespace Lamina.Torch.Tests.LayerTests;

/// <summary>
/// Holds a whole layer against the float64 references of its ops: the output, and the gradients of all its weights and
/// inputs against central differences. On every backend.
/// </summary>
internal sealed class LayerCheck
{
    private const int Batch = 3;
    private const int Probes = 12;
    private const long Seed = 5;
    private const long Step = 2;

    private readonly Model _model;
    private readonly Dictionary<Weight, Array64> _weights = [];
    private readonly Array64[] _inputs;
    private readonly bool _training;

    private LayerCheck(Func<Symbol[], Symbol> build, int[][] samples, bool training, double low)
    {
        _training = training;
        Symbol[] inputs = [.. samples.Select(s => Lamina.Layers.Input(Shape.Of(s)))];
        // What is added to an input has the gradient of that input, summed over the batch.
        Symbol[] moved = [.. inputs.Select(i => new Offset().Apply(i))];
        _model = new Model(inputs, [build(moved)]);
        _inputs = [.. samples.Select((s, i) => Draw64.Uniform(i + 7, [Batch, .. s], low, 1))];
        foreach (Weight weight in _model.Weights)
        {
            bool isOffset = weight.Layer is Offset;
            double least = weight.Name is "variance" ? 0.5 : -0.8;
            int[] dims = weight.Shape.Rank == 0 ? [1] : weight.Shape.ToArray();
            Array64 drawn = Draw64.Uniform(_weights.Count + 3, dims, isOffset ? -0.05 : least, isOffset ? 0.05 : 1);
            var values = new Array64(weight.Shape.ToArray(), drawn.Values);
            _weights[weight] = values;
            weight.SetValues(values.ToSingles());
        }
    }

    /// <summary>Checks a layer.</summary>
    /// <param name="build">Applies it.</param>
    /// <param name="samples">The sizes of a sample of each input.</param>
    /// <param name="training">Whether the step is one of training.</param>
    /// <param name="low">The least input.</param>
    public static void Run(Func<Symbol[], Symbol> build, int[][] samples, bool training = true, double low = -1)
    {
        foreach (Device device in TestDevices.All)
        {
            Session.Clear();
            new LayerCheck(build, samples, training, low).Run(device);
        }
    }

    private void Run(Device device)
    {
        using var plan = new Plan(
            new PlanProgram(new OpGraph(_model.Inputs, _model.Outputs, _training), training: true, device)
        );
        var step = new StepContext(_training, Seed, Step);
        Tensor[] fed = [.. _inputs.Select(x => Tensor.FromSpan(x.ToSingles(), [.. x.Sizes.Select(s => (long)s)]))];
        using Tensor output = plan.Forward(step, fed, takesInputs: true)[0];
        var values = new float[output.Count];
        output.CopyTo(values);
        var actual = new Array64([.. output.Sizes.ToArray().Select(s => (int)s)], [.. values.Select(v => (double)v)]);
        KernelCheck.AssertClose(Reference(plan), actual, 2e-5, $"output on {device}");

        Array64 cotangent = Draw64.Uniform(99, actual.Sizes);
        Dictionary<Weight, float[]> gradients = [];
        Tensor given = Tensor.FromSpan(cotangent.ToSingles(), output.Sizes);
        plan.Backward(
            step,
            [given],
            (weight, gradient) =>
            {
                using (gradient)
                {
                    gradients[weight] = TorchParameter
                        .Of(weight, plan.Parameters.First(p => p.Weight == weight).IsKernel, device)
                        .ToPublic(gradient)
                        .Values.ToArray();
                }
            }
        );
        foreach (Weight weight in _model.TrainableWeights)
        {
            Assert.True(gradients.ContainsKey(weight), $"{weight} has no gradient on {device}");
            AssertGradient(plan, weight, gradients[weight], cotangent, device);
        }
    }

    private void AssertGradient(Plan plan, Weight weight, float[] gradient, Array64 cotangent, Device device)
    {
        const double H = 1e-5;
        int[] probed = [.. Enumerable.Range(0, gradient.Length)];
        new RandomStream(gradient.Length, RandomPurpose.User).Shuffle(probed.AsSpan());
        probed = probed[..Math.Min(Probes, probed.Length)];
        double[] expected = [.. probed.Select(p => (Loss(p, H) - Loss(p, -H)) / (2 * H))];
        double scale = Math.Max(1e-2, Math.Max(expected.Max(Math.Abs), gradient.Max(Math.Abs)));
        for (int k = 0; k < probed.Length; k++)
        {
            Assert.True(
                Math.Abs(expected[k] - gradient[probed[k]]) <= 2e-3 * scale,
                $"{weight} at {probed[k]} on {device}: expected {expected[k]}, got {gradient[probed[k]]}"
            );
        }

        double Loss(int place, double by)
        {
            double before = _weights[weight].Values[place];
            _weights[weight].Values[place] = before + by;
            double loss = Reference(plan).Values.Zip(cotangent.Values, (y, g) => y * g).Sum();
            _weights[weight].Values[place] = before;
            return loss;
        }
    }

    // Every op of the plan by its definition; random values are drawn again under the key that the plan documents.
    private Array64 Reference(Plan plan)
    {
        OpGraph graph = plan.Program.Graph;
        var made = new Array64[graph.Nodes.Count];
        int index = 0;
        int fed = 0;
        for (int slot = 0; slot < made.Length; slot++)
        {
            Op op = graph.Nodes[slot].Op;
            Array64[] inputs = [.. graph.InputsOf(slot).Select(s => made[s])];
            made[slot] = op switch
            {
                InputOp => _inputs[fed++],
                ParameterOp { Weight: var weight } => _weights[weight],
                RandomOp random => Draw(random, index++),
                _ => References.Reference.Forward(op, _training, Indexed(inputs)),
            };
        }
        return made[graph.Targets[0]];

        Array64[] Indexed(Array64[] inputs)
        {
            index++;
            return inputs;
        }
    }

    private static Array64 Draw(RandomOp op, int index)
    {
        var result = new Array64([Batch, .. op.Sample.ToArray()]);
        var random = new RandomStream(op.Seed ?? Seed, RandomPurpose.Layer, Step, index);
        for (int i = 0; i < result.Values.Length; i++)
        {
            double value =
                op.Kind == RandomKind.Normal
                    ? op.A + (op.B * random.NextNormal())
                    : op.A + ((op.B - op.A) * random.NextSingle());
            result.Values[i] = (float)value;
        }
        return result;
    }

    /// <summary>A layer that adds a trained value to each element of a sample.</summary>
    private sealed class Offset() : Layer(null)
    {
        private Weight? _value;

        protected override void Build(IReadOnlyList<Shape> inputs) =>
            _value = AddWeight("value", inputs[0].Sample, "zeros");

        protected override Symbol Call(IReadOnlyList<Symbol> inputs) => inputs[0] + _value!.Symbol;
    }
}
