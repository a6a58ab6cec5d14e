namespace Lamina;

/// <summary>Imports activations: those with a Keras name, and others composed of them.</summary>
internal static class ActivationImport
{
    /// <summary>Imports activations without attributes.</summary>
    public static void Named(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        node.Ignore("consumed_inputs");
        string name =
            NameOf(node)
            ?? throw node.Error(
                "uses an approximation, but Lamina uses the error function; export it with approximate=\"none\""
            );
        Set(node, context, x, Apply(name, x.Symbol, context.LayerName(node)));
    }

    /// <summary>
    /// Returns the activation that follows a node's output, if a layer can include it: no other node reads the value.
    /// </summary>
    /// <param name="output">The node's output; replaced by the activation's.</param>
    /// <param name="context">The graph.</param>
    /// <param name="isLast">Returns <see langword="true"/> if an axis is the last in Lamina, for a softmax.</param>
    public static Activation After(ref string output, ImportContext context, Func<long, bool> isLast)
    {
        ImportedNode? next = context.OnlyReader(output);
        if (next is null || next.Inputs.Count == 0 || next.Inputs[0] != output || next.Outputs.Count != 1)
        {
            return Activation.Linear;
        }
        string? name = next.Operator switch
        {
            "Softmax" when context.OperatorSet >= 13 && isLast(next.Int("axis", -1)) => "softmax",
            // The channels of a vector: before opset 13 the axis was where the vector began.
            "Softmax" when context.OperatorSet < 13 && isLast(-1) && isLast(1) && next.Int("axis", 1) == 1 => "softmax",
            "Softmax" => null,
            "Clip" when context.Constants(next, 1) => NameOfClip(next),
            _ => NameOf(next),
        };
        if (name is null)
        {
            return Activation.Linear;
        }
        next.Ignore("consumed_inputs");
        next.RequireAllRead();
        context.MarkDone(output);
        output = next.Outputs[0];
        return name;
    }

    public static void Clip(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        Symbol result = x.Symbol;
        if (NameOfClip(node) is { } name)
        {
            result = Apply(name, result, context.LayerName(node));
        }
        else
        {
            (float least, float most) = Bounds(node);
            // clip(x) = least + (most − least) / 6 · relu6((x − least) · 6 / (most − least)).
            bool hasLeast = least > float.MinValue;
            bool hasMost = most < float.MaxValue;
            if (hasLeast && hasMost)
            {
                if (!(least < most) || !float.IsFinite(most - least))
                {
                    throw node.Error($"clips to {least:r} to {most:r}, which Lamina does not support");
                }
                double factor = 6 / ((double)most - least);
                result = Scaled(result, factor, -least * factor, "_scale");
                result = Apply("relu6", result, context.LayerName(node));
                result = Scaled(result, 1 / factor, least, "_unscale");
            }
            else if (hasLeast)
            {
                result = Scaled(
                    Apply("relu", Scaled(result, 1, -least, "_shift"), context.LayerName(node)),
                    1,
                    least,
                    "_back"
                );
            }
            else if (hasMost)
            {
                result = Scaled(
                    Apply("relu", Scaled(result, -1, most, "_shift"), context.LayerName(node)),
                    -1,
                    most,
                    "_back"
                );
            }
        }
        Set(node, context, x, result);

        Symbol Scaled(Symbol symbol, double scale, double offset, string suffix) =>
            new Rescaling([(float)scale], [(float)offset], context.LayerName(node, suffix)).Apply(symbol);
    }

    public static void LeakyRelu(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        float slope = node.Real("alpha", 0.01f);
        Set(node, context, x, new ReLU(negativeSlope: slope, name: context.LayerName(node)).Apply(x.Symbol));
    }

    public static void Elu(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        Set(node, context, x, Elu(node, context, x.Symbol, node.Real("alpha", 1), 1));
    }

    public static void Selu(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        Set(
            node,
            context,
            x,
            NameOf(node) is { } name
                ? Apply(name, x.Symbol, context.LayerName(node))
                : Elu(node, context, x.Symbol, node.Real("alpha", SeluAlpha), node.Real("gamma", SeluGamma))
        );
    }

    public static void HardSigmoid(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        Set(node, context, x, HardSigmoid(node, context, x.Symbol, node.Real("alpha", 0.2f), node.Real("beta", 0.5f)));
    }

    public static void HardSwish(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        Symbol gate = HardSigmoid(node, context, x.Symbol, 1 / 6.0, 0.5);
        Set(node, context, x, new Multiply(context.LayerName(node, "_product")).Apply(x.Symbol, gate));
    }

    // prelu(x) = relu(x) − slope · relu(−x), with one slope or one per channel.
    public static void PRelu(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        node.Ignore("consumed_inputs");
        OnnxTensor constant = node.Constant(1);
        // Before opset 7, a vector belonged to the channels, wherever those are.
        bool isOfChannels = context.OperatorSet < 7 && constant.Dims.Count == 1 && constant.Count > 1;
        (ImportedValue aligned, float[] slope) = ArithmeticImport.PerChannel(
            node,
            context,
            x,
            constant,
            isOfChannels ? 1 : null
        );
        Symbol negated = new Rescaling([-1], [0], context.LayerName(node, "_negated")).Apply(aligned.Symbol);
        Symbol below = new Rescaling([.. slope.Select(s => -s)], [0], context.LayerName(node, "_slope")).Apply(
            Apply("relu", negated, context.LayerName(node, "_below"))
        );
        Symbol above = Apply("relu", aligned.Symbol, context.LayerName(node, "_above"));
        Set(node, context, aligned, new Add(context.LayerName(node)).Apply(above, below));
    }

    // The error function alone is not an activation of Lamina's; x · (1 + erf(x / √2)) / 2 is gelu.
    public static void Erf(ImportedNode node, ImportContext context)
    {
        if (GeluPattern.Find(node, context) is not { } gelu)
        {
            throw node.Error("is not part of gelu, x · (1 + erf(x / √2)) / 2, the only use that Lamina supports");
        }
        context.Set(gelu.Output, gelu.X.With(Apply("gelu", gelu.X.Symbol, context.LayerName(node))));
    }

    public static void Softmax(ImportedNode node, ImportContext context)
    {
        ImportedValue x = node.Tensor(0);
        bool isCoerced = context.OperatorSet < 13;
        long axis = node.Int("axis", isCoerced ? 1 : -1);
        axis = axis < 0 ? axis + x.Rank : axis;
        if (axis < 1 || axis >= x.Rank)
        {
            throw node.Error($"is over dimension {axis} of {x.Rank}; Lamina supports any dimension except the batch");
        }
        // Before opset 13, all dimensions from the axis on were treated as one.
        bool isOne = Enumerable.Range((int)axis + 1, x.Rank - (int)axis - 1).All(a => x.Size(a) == 1);
        if (isCoerced && !isOne)
        {
            if (axis != 1)
            {
                throw node.Error("is over several dimensions, as before opset 13. Export the model with opset 17");
            }
            Symbol flat = new Flatten(context.LayerName(node, "_flatten")).Apply(x.Symbol);
            Symbol result = Apply("softmax", flat, context.LayerName(node));
            int[] sample = [.. x.Symbol.Shape.Sample.Select(d => d!.Value)];
            Set(node, context, x, new Reshape(sample, context.LayerName(node, "_reshape")).Apply(result));
            return;
        }
        int lamina = x.Axes[axis];
        Set(
            node,
            context,
            x,
            lamina == x.Rank - 1
                ? Apply("softmax", x.Symbol, context.LayerName(node))
                : new Softmax(lamina, context.LayerName(node)).Apply(x.Symbol)
        );
    }

    private const float SeluAlpha = 1.67326319217681884765625f;
    private const float SeluGamma = 1.05070102214813232421875f;

    // The Keras name of an activation, if the node is exactly that.
    private static string? NameOf(ImportedNode node) =>
        node.Operator switch
        {
            "Relu" => "relu",
            "Sigmoid" => "sigmoid",
            "Tanh" => "tanh",
            "Softplus" => "softplus",
            "Softsign" => "softsign",
            "Exp" => "exponential",
            "Gelu" when node.Text("approximate", "none") == "none" => "gelu",
            "Elu" when node.Real("alpha", 1) == 1 => "elu",
            "LeakyRelu" when node.Real("alpha", 0.01f) == 0.2f => "leaky_relu",
            "Selu"
                when Math.Abs(node.Real("alpha", SeluAlpha) - SeluAlpha) < 1e-5
                    && Math.Abs(node.Real("gamma", SeluGamma) - SeluGamma) < 1e-5 => "selu",
            "HardSigmoid" when node.Real("alpha", 0.2f) == 0.2f && node.Real("beta", 0.5f) == 0.5f => "hard_sigmoid",
            _ => null,
        };

    private static string? NameOfClip(ImportedNode node) =>
        Bounds(node) switch
        {
            (<= float.MinValue, >= float.MaxValue) => "linear",
            (0, 6) => "relu6",
            (0, >= float.MaxValue) => "relu",
            _ => null,
        };

    private static (float Least, float Most) Bounds(ImportedNode node) =>
        (node.Scalar("min", 1) ?? float.MinValue, node.Scalar("max", 2) ?? float.MaxValue);

    private static Symbol Apply(string activation, Symbol x, string name) =>
        new ActivationLayer(activation, name).Apply(x);

    // gamma · elu(x, alpha) = gamma · (relu(x) + alpha · (elu(x) − relu(x))).
    private static Symbol Elu(ImportedNode node, ImportContext context, Symbol x, double alpha, double gamma)
    {
        if (alpha == 1 && gamma == 1)
        {
            return Apply("elu", x, context.LayerName(node));
        }
        Symbol elu = Apply("elu", x, context.LayerName(node, "_elu"));
        Symbol relu = Apply("relu", x, context.LayerName(node, "_relu"));
        return new Add(context.LayerName(node)).Apply(
            new Rescaling([(float)(gamma * alpha)], [0], context.LayerName(node, "_scale")).Apply(elu),
            new Rescaling([(float)(gamma * (1 - alpha))], [0], context.LayerName(node, "_rest")).Apply(relu)
        );
    }

    // With slope 0.2 it is that of Keras 2, under its name there; others are relu6(6 · (alpha · x + beta)) / 6, which
    // every Keras supports.
    private static Symbol HardSigmoid(ImportedNode node, ImportContext context, Symbol x, double alpha, double beta)
    {
        if ((float)alpha == 0.2f && beta == 0.5)
        {
            return Apply("hard_sigmoid", x, context.LayerName(node));
        }
        var before = new Rescaling([(float)(6 * alpha)], [(float)(6 * beta)], context.LayerName(node, "_scale"));
        Symbol clipped = Apply("relu6", before.Apply(x), context.LayerName(node));
        return new Rescaling([1 / 6f], [0], context.LayerName(node, "_unscale")).Apply(clipped);
    }

    private static void Set(ImportedNode node, ImportContext context, ImportedValue like, Symbol result) =>
        context.Set(node.Outputs[0], like.With(result));
}
