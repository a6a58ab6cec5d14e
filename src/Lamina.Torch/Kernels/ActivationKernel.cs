namespace Lamina.Torch.Kernels;

/// <summary>The activations except ReLU, composed of libtorch's ops.</summary>
internal sealed class ActivationKernel(OpNode node, ActivationOp op) : Kernel(node)
{
    private const double SeluAlpha = 1.6732632423543772;
    private const double SeluScale = 1.0507009873554805;

    private readonly bool _fromOutput =
        op.Kind
        is ActivationKind.Relu6
            or ActivationKind.Sigmoid
            or ActivationKind.Tanh
            or ActivationKind.HardSigmoid
            or ActivationKind.Exponential;

    public override long ForwardWorkspace(int batch, bool training) => (long)(OutputBytes(batch) * Temporaries.Forward);

    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) =>
        wanted[0] ? (long)(OutputBytes(batch) * Temporaries.Backward) : 0;

    public override int GradientInPlace(ReadOnlySpan<bool> wanted) => 0;

    public override bool BackwardReadsInput(int index) => !_fromOutput;

    public override bool BackwardReadsOutput => _fromOutput;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite) =>
        Layout.TakeContiguous(Apply(inputs[0]));

    public override void Backward(
        in StepContext step,
        ReadOnlySpan<Tensor?> inputs,
        Tensor? output,
        Tensor gradient,
        ReadOnlySpan<bool> wanted,
        Span<Tensor?> results
    )
    {
        if (!wanted[0])
        {
            gradient.Dispose();
            return;
        }
        using (Tensor slope = Slope((_fromOutput ? output : inputs[0])!))
        {
            Aten.MulInPlace(gradient, slope);
        }
        results[0] = gradient;
    }

    /// <summary>
    /// The number of temporaries of the output's size that exist at once, beside the result; a mask is a quarter of
    /// one.
    /// </summary>
    private (double Forward, double Backward) Temporaries =>
        op.Kind switch
        {
            ActivationKind.Relu6 => (1, 1.5),
            ActivationKind.LeakyRelu => (1.25, 2.25),
            ActivationKind.Elu or ActivationKind.Selu => (2.25, 2.25),
            ActivationKind.Gelu => (2, 3),
            ActivationKind.Sigmoid or ActivationKind.Tanh => (0, 2),
            ActivationKind.Softplus => (2, 1),
            ActivationKind.Softsign => (1, 2),
            ActivationKind.Silu => (0, 5),
            ActivationKind.HardSigmoid => (3, 1.5),
            _ => (0, 0),
        };

    private Tensor Apply(Tensor x)
    {
        switch (op.Kind)
        {
            case ActivationKind.Relu6:
                return Aten.Clamp(x, 0, 6);
            case ActivationKind.LeakyRelu:
                using (Tensor below = Aten.Mul(x, op.Alpha))
                {
                    return Positive(x, x, below);
                }
            case ActivationKind.Elu:
                return Elu(x, op.Alpha, 1);
            case ActivationKind.Selu:
                return Elu(x, SeluAlpha, SeluScale);
            case ActivationKind.Gelu:
                using (Tensor phi = NormalCdf(x))
                {
                    return Aten.Mul(x, phi);
                }
            case ActivationKind.Sigmoid:
                return Aten.Unary("aten::sigmoid"u8, x);
            case ActivationKind.Tanh:
                return Aten.Unary("aten::tanh"u8, x);
            case ActivationKind.Softplus:
                // log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|), which does not overflow.
                using (Tensor magnitude = Aten.Unary("aten::abs"u8, x))
                {
                    Aten.UnaryInPlace("aten::neg_"u8, magnitude);
                    Aten.UnaryInPlace("aten::exp_"u8, magnitude);
                    Aten.UnaryInPlace("aten::log1p_"u8, magnitude);
                    using Tensor positive = Aten.AtLeast(x, 0);
                    return Aten.Add(positive, magnitude);
                }
            case ActivationKind.Softsign:
                using (Tensor room = OnePlusMagnitude(x))
                {
                    return Aten.Div(x, room);
                }
            case ActivationKind.Silu:
                return Aten.Unary("aten::silu"u8, x);
            case ActivationKind.HardSigmoid:
                using (Tensor line = Aten.Mul(x, 0.2))
                using (Tensor shifted = Aten.Add(line, 0.5))
                {
                    return Aten.Clamp(shifted, 0, 1);
                }
            case ActivationKind.Exponential:
                return Aten.Unary("aten::exp"u8, x);
            default:
                throw new LaminaException($"The engine does not support the activation {op.Kind}.");
        }
    }

    /// <summary>Computes the derivative, from the input or from the output.</summary>
    private Tensor Slope(Tensor t)
    {
        switch (op.Kind)
        {
            case ActivationKind.Relu6:
                return Between(t, 0, 6, 1);
            case ActivationKind.LeakyRelu:
                return Step(t, 1, op.Alpha);
            case ActivationKind.Elu:
                return EluSlope(t, op.Alpha, 1);
            case ActivationKind.Selu:
                return EluSlope(t, SeluAlpha, SeluScale);
            case ActivationKind.Gelu:
                // Φ(x) + x·φ(x)
                using (Tensor phi = NormalCdf(t))
                using (Tensor square = Aten.Mul(t, t))
                {
                    Aten.MulInPlace(square, -0.5);
                    Aten.UnaryInPlace("aten::exp_"u8, square);
                    Aten.MulInPlace(square, t);
                    return Aten.AddScaled(phi, square, 1 / Math.Sqrt(2 * Math.PI));
                }
            case ActivationKind.Sigmoid:
                using (Tensor square = Aten.Mul(t, t))
                {
                    return Aten.Subtract(t, square);
                }
            case ActivationKind.Tanh:
                using (Tensor square = Aten.Mul(t, t))
                using (Tensor one = Tensor.Scalar(1))
                {
                    return Aten.Subtract(one, square);
                }
            case ActivationKind.Softplus:
                return Aten.Unary("aten::sigmoid"u8, t);
            case ActivationKind.Softsign:
                using (Tensor room = OnePlusMagnitude(t))
                {
                    return Aten.Pow(room, -2);
                }
            case ActivationKind.Silu:
                // σ(x)·(1 + x·(1 − σ(x)))
                using (Tensor sigmoid = Aten.Unary("aten::sigmoid"u8, t))
                using (Tensor silu = Aten.Mul(t, sigmoid))
                using (Tensor product = Aten.Mul(silu, sigmoid))
                using (Tensor rest = Aten.Subtract(silu, product))
                {
                    return Aten.Add(sigmoid, rest);
                }
            case ActivationKind.HardSigmoid:
                return Between(t, 0, 1, 0.2);
            case ActivationKind.Exponential:
                return t.Duplicate();
            default:
                throw new LaminaException($"The engine does not support the activation {op.Kind}.");
        }
    }

    /// <summary>Returns a where x is positive, else b.</summary>
    private static Tensor Positive(Tensor x, Tensor a, Tensor b)
    {
        using Tensor mask = Aten.Greater(x, 0);
        return Aten.Where(mask, a, b);
    }

    /// <summary>Returns one number where x is positive, else another.</summary>
    private static Tensor Step(Tensor x, double above, double below)
    {
        using Tensor a = Tensor.Empty(x.Sizes, x.DType, x.Device);
        a.Fill(above);
        using Tensor b = Tensor.Scalar(below);
        return Positive(x, a, b);
    }

    /// <summary>Returns a number strictly between two bounds, 0 elsewhere.</summary>
    private static Tensor Between(Tensor x, double low, double high, double value)
    {
        using Tensor above = Aten.Greater(x, low);
        using Tensor below = Aten.Less(x, high);
        Tensor result = Tensor.Empty(x.Sizes, x.DType, x.Device);
        result.Fill(value);
        Aten.MulInPlace(result, above);
        Aten.MulInPlace(result, below);
        return result;
    }

    private static Tensor Elu(Tensor x, double alpha, double scale)
    {
        using Tensor negative = Aten.AtMost(x, 0);
        Aten.UnaryInPlace("aten::expm1_"u8, negative);
        Aten.MulInPlace(negative, alpha * scale);
        using Tensor positive = Aten.Mul(x, scale);
        return Positive(x, positive, negative);
    }

    private static Tensor EluSlope(Tensor x, double alpha, double scale)
    {
        using Tensor negative = Aten.AtMost(x, 0);
        Aten.UnaryInPlace("aten::exp_"u8, negative);
        Aten.MulInPlace(negative, alpha * scale);
        using Tensor positive = Tensor.Scalar(scale);
        return Positive(x, positive, negative);
    }

    private static Tensor NormalCdf(Tensor x)
    {
        using Tensor scaled = Aten.Mul(x, Math.Sqrt(0.5));
        Aten.UnaryInPlace("aten::erf_"u8, scaled);
        using Tensor shifted = Aten.Add(scaled, 1);
        return Aten.Mul(shifted, 0.5);
    }

    private static Tensor OnePlusMagnitude(Tensor x)
    {
        using Tensor magnitude = Aten.Unary("aten::abs"u8, x);
        return Aten.Add(magnitude, 1);
    }
}
