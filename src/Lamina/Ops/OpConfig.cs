using System.Globalization;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>Reads and writes the attributes of ops as JSON, for ops that are nodes of a saved graph.</summary>
internal static class OpConfig
{
    /// <summary>Returns an op's attributes.</summary>
    /// <exception cref="ConfigException">The op has no config.</exception>
    public static JsonObject Write(Op op) =>
        op switch
        {
            UnaryOp or BinaryOp or WhereOp or AddOp or MultiplyOp or LinearOp => [],
            MatMulOp or LogSoftmaxOp or SoftmaxOp => [],
            ClipOp o => new() { ["min"] = Number(o.Min), ["max"] = Number(o.Max) },
            ConstantOp o => new() { ["shape"] = Whole(o.Shape.ToArray()), ["values"] = Numbers(o.Values) },
            ReduceOp o => new() { ["axes"] = Whole(o.Axes), ["keepdims"] = o.KeepDims },
            ArgMaxOp o => new() { ["axis"] = o.Axis },
            OneHotOp o => new() { ["classes"] = o.Classes },
            ActivationOp o => new() { ["kind"] = OpNames.SnakeCase(o.Kind), ["alpha"] = o.Alpha },
            RescaleOp o => new() { ["scale"] = Numbers(o.Scale), ["offset"] = Numbers(o.Offset) },
            MeanOp o => new() { ["axes"] = Whole(o.Axes), ["keepdims"] = o.KeepDims },
            ReshapeOp o => new() { ["sample"] = Whole(o.Sample.ToArray()) },
            TransposeOp o => new() { ["permutation"] = Whole(o.Permutation) },
            PadOp o => new() { ["pads"] = o.Pads.ToJson() },
            ConcatOp o => new() { ["axis"] = o.Axis },
            SliceOp o => new()
            {
                ["axis"] = o.Axis,
                ["start"] = o.Start,
                ["count"] = o.Count,
            },
            DropoutOp o => new() { ["rate"] = o.Rate, ["seed"] = o.Seed },
            PhaseOp => [],
            SampleOp o => new()
            {
                ["fill"] = OpNames.SnakeCase(o.Fill),
                ["fill_value"] = o.FillValue,
                ["nearest"] = o.IsNearest,
            },
            RandomOp o => new()
            {
                ["sample"] = Whole(o.Sample.ToArray()),
                ["a"] = o.A,
                ["b"] = o.B,
                ["seed"] = o.Seed,
            },
            MaxPoolOp o => Window(o.Window, o.Strides, o.Pads),
            AveragePoolOp o => Window(o.Window, o.Strides, o.Pads),
            AdaptiveAveragePoolOp o => new() { ["output"] = o.Output.ToJson() },
            LocalResponseNormalizationOp o => new()
            {
                ["size"] = o.Size,
                ["alpha"] = o.Alpha,
                ["beta"] = o.Beta,
                ["k"] = o.K,
            },
            _ => throw new ConfigException(
                $"The op '{op.Name}' cannot be saved as a separate node. Write a Layer around it."
            ),
        };

    /// <summary>Returns the op with this name.</summary>
    /// <exception cref="ConfigException">The name is unknown, or the attributes are malformed.</exception>
    public static Op Read(string name, LayerConfigReader config)
    {
        Op op =
            Kind<UnaryKind>(name) is { } unary ? new UnaryOp(unary)
            : Kind<BinaryKind>(name) is { } binary ? new BinaryOp(binary)
            : name == "logsumexp" ? Reduction(ReduceKind.LogSumExp, config)
            : Kind<ReduceKind>(name) is { } reduction ? Reduction(reduction, config)
            : Named(name, config);
        config.RequireAllRead();
        return op;
    }

    private static Op Named(string name, LayerConfigReader config) =>
        name switch
        {
            "where" => new WhereOp(),
            "add" => new AddOp(),
            "multiply" => new MultiplyOp(),
            "linear" => new LinearOp(),
            "matmul" => new MatMulOp(),
            "log_softmax" => new LogSoftmaxOp(),
            "softmax" => new SoftmaxOp(),
            "clip" => new ClipOp(
                config.Numbers("min", double.NegativeInfinity)[0],
                config.Numbers("max", double.PositiveInfinity)[0]
            ),
            "constant" => new ConstantOp(
                [.. config.Numbers("values").Select(v => (float)v)],
                Shape.Of([.. config.Ints("shape")])
            ),
            "argmax" => new ArgMaxOp(config.Int("axis")),
            "one_hot" => new OneHotOp(config.Int("classes")),
            "activation" => new ActivationOp(
                config.Choice("kind", ActivationKind.Relu, OpNames.SnakeCase),
                config.Double("alpha", 0)
            ),
            "rescale" => new RescaleOp(config.Floats("scale"), config.Floats("offset")),
            "mean" => new MeanOp(config.Ints("axes"), config.Bool("keepdims")),
            "reshape" => new ReshapeOp(Shape.Of([.. config.Ints("sample")])),
            "transpose" => new TransposeOp(config.Ints("permutation")),
            "pad" => new PadOp(config.Pads2("pads")),
            "concat" => new ConcatOp(config.Axis("axis", 1)),
            "slice" => new SliceOp(config.Int("axis"), config.Int("start"), config.Int("count")),
            "in_training" => new PhaseOp(),
            "sample" => new SampleOp(
                config.Choice("fill", FillMode.Constant, OpNames.SnakeCase),
                config.Double("fill_value", 0),
                config.Bool("nearest", false)
            ),
            "random_uniform" => Random(RandomKind.Uniform, config),
            "random_normal" => Random(RandomKind.Normal, config),
            "dropout" => new DropoutOp(config.Double("rate"), config.OptionalInt("seed")),
            "max_pool" => new MaxPoolOp(config.Size2("window"), config.Size2("strides"), config.Pads2("pads")),
            "average_pool" => new AveragePoolOp(config.Size2("window"), config.Size2("strides"), config.Pads2("pads")),
            "adaptive_average_pool" => new AdaptiveAveragePoolOp(config.Size2("output")),
            "local_response_normalization" => new LocalResponseNormalizationOp(
                config.Int("size"),
                config.Double("alpha"),
                config.Double("beta"),
                config.Double("k")
            ),
            _ => throw new ConfigException($"{config}: unknown op '{name}'."),
        };

    private static RandomOp Random(RandomKind kind, LayerConfigReader config) =>
        new(
            kind,
            Shape.Of([.. config.Ints("sample")]),
            config.Double("a"),
            config.Double("b"),
            config.OptionalInt("seed")
        );

    private static ReduceOp Reduction(ReduceKind kind, LayerConfigReader config) =>
        new(kind, config.Ints("axes"), config.Bool("keepdims"));

    private static T? Kind<T>(string name)
        where T : struct, Enum
    {
        foreach (T kind in Enum.GetValues<T>())
        {
            if (OpNames.SnakeCase(kind) == name)
            {
                return kind;
            }
        }
        return null;
    }

    private static JsonObject Window(Size2 window, Size2 strides, Pads2 pads) =>
        new()
        {
            ["window"] = window.ToJson(),
            ["strides"] = strides.ToJson(),
            ["pads"] = pads.ToJson(),
        };

    private static JsonArray Whole(IEnumerable<int> values) => [.. values.Select(v => (JsonNode)v)];

    private static JsonArray Numbers(IEnumerable<float> values) => [.. values.Select(v => Number(v))];

    // JSON has no infinities and no NaN.
    private static JsonNode Number(double value) =>
        double.IsFinite(value) ? value : value.ToString(CultureInfo.InvariantCulture);
}
