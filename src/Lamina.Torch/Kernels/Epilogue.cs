using System.Text;

namespace Lamina.Torch.Kernels;

/// <summary>
/// The ops after a convolution or a dense op that its kernel computes in the same step of inference, in the order of the
/// properties. The kernel's inputs are those of its own op, then the weights of <see cref="Normalization"/>, then the
/// tensor to add, then the weights of <see cref="LastNormalization"/>.
/// </summary>
internal sealed record Epilogue
{
    /// <summary>No ops.</summary>
    public static Epilogue None { get; } = new();

    /// <summary>A ReLU alone.</summary>
    public static Epilogue Relu { get; } = new() { Cap = float.PositiveInfinity };

    /// <summary>The batch normalization by stored statistics; <see langword="null"/> for none.</summary>
    public BatchNormalizationOp? Normalization { get; init; }

    /// <summary><see langword="true"/> to add a tensor of the output's shape.</summary>
    public bool Adds { get; init; }

    /// <summary>
    /// The upper limit of the activation min(max(0, x), cap): infinity for ReLU, 6 for ReLU6; <see langword="null"/>
    /// for no activation.
    /// </summary>
    public float? Cap { get; init; }

    /// <summary>
    /// The batch normalization by stored statistics after the activation; <see langword="null"/> for none.
    /// </summary>
    public BatchNormalizationOp? LastNormalization { get; init; }

    /// <summary>Returns the number of weights that a batch normalization reads.</summary>
    public static int WeightsOf(BatchNormalizationOp? op) =>
        op is null ? 0 : 2 + (op.HasScale ? 1 : 0) + (op.HasCenter ? 1 : 0);

    /// <summary>Returns the epilogue with one more op at its end; <see langword="null"/> if it has no place for it.</summary>
    public Epilogue? With(Op op) =>
        op switch
        {
            BatchNormalizationOp b when this == None => this with { Normalization = b },
            AddOp when !Adds && Cap is null => this with { Adds = true },
            ActivationOp { Kind: ActivationKind.Relu } when Cap is null => this with { Cap = float.PositiveInfinity },
            ActivationOp { Kind: ActivationKind.Relu6 } when Cap is null => this with { Cap = 6 },
            ClipOp { Min: 0, Max: > 0 and var max } when Cap is null => this with { Cap = (float)max },
            BatchNormalizationOp b when LastNormalization is null => this with { LastNormalization = b },
            _ => null,
        };

    /// <summary>Returns the ops as text for a profile, such as " + normalization + ReLU".</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Append(Normalization is not null, "normalization");
        Append(Adds, "sum");
        Append(Cap is not null, Cap is float.PositiveInfinity ? "ReLU" : $"ReLU{Cap}");
        Append(LastNormalization is not null, "normalization");
        return text.ToString();

        void Append(bool has, string name)
        {
            if (has)
            {
                text.Append(" + ").Append(name);
            }
        }
    }
}
