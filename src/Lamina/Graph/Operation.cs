using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// An op that was applied to outputs of layers outside of a layer, such as <c>1 - x</c>. It is a node of the graph like
/// any layer, as in Keras 3. <see cref="Ops"/> and the operators of <see cref="Symbol"/> create it. Constants among the
/// op's inputs are part of it.
/// </summary>
public sealed class Operation : Layer, IFromConfig<Operation>
{
    /// <summary>The class name in configs, which name the op by a key.</summary>
    internal const string ConfigClass = "Operation";

    private readonly ConstantOp?[] _constants;

    // The entries of tensors are null.
    private Operation(Op op, ConstantOp?[] constants, string? name)
        : base(name, op.Name)
    {
        (int min, int max) = op.InputCount;
        if (constants.Length < min || constants.Length > max || constants.All(c => c is not null))
        {
            throw new ConfigException(
                $"{Name}: {op.Name} cannot have {constants.Length} inputs, or none but constants."
            );
        }
        Op = op;
        _constants = constants;
    }

    /// <summary>The op.</summary>
    public Op Op { get; }

    /// <summary>The op's class name in Keras: <c>Subtract</c>, <c>GreaterEqual</c>.</summary>
    public override string ClassName =>
        string.Concat(Op.Name.Split('_').Select(w => char.ToUpperInvariant(w[0]) + w[1..]));

    internal override string ConfigClassName => ConfigClass;

    /// <inheritdoc/>
    protected override (int Min, int Max) InputCount
    {
        get
        {
            int tensors = _constants.Count(c => c is null);
            return (tensors, tensors);
        }
    }

    /// <summary>
    /// Returns <see langword="true"/> if an op outside of a layer reads a layer's output, so that it becomes a node. With a
    /// tensor that no layer made, such as a penalty or a gradient, it is part of a loss and no node.
    /// </summary>
    internal static bool IsNode(ReadOnlySpan<Symbol> inputs)
    {
        bool readsLayer = false;
        foreach (Symbol input in inputs)
        {
            readsLayer |= input?.Node is not null;
            if (input is { Node: null, Producer.Op: not (ConstantOp or ParameterOp) })
            {
                return false;
            }
        }
        return readsLayer;
    }

    /// <summary>Applies an op as a node of the graph.</summary>
    /// <exception cref="GraphException">The inputs include a weight, or a symbol from inside a layer.</exception>
    internal static Symbol Apply(Op op, ReadOnlySpan<Symbol> inputs)
    {
        var constants = new ConstantOp?[inputs.Length];
        List<Symbol> tensors = [];
        for (int i = 0; i < inputs.Length; i++)
        {
            constants[i] = inputs[i].Node is null ? inputs[i].Producer.Op as ConstantOp : null;
            if (inputs[i].Producer.Op is ParameterOp { Weight: { } weight })
            {
                throw new GraphException(
                    $"{op.Name}: the weight {weight} is read outside of a layer. Weights belong inside a layer's Call; write a Layer around the op."
                );
            }
            if (constants[i] is null)
            {
                tensors.Add(inputs[i]);
            }
        }
        return new Operation(op, constants, null).Apply([.. tensors]);
    }

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        int next = 0;
        return OpNode.Record(op: Op, [.. _constants.Select(c => c is null ? inputs[next++] : OpNode.Record(c, []))]);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["op"] = Op.Name;
        config["attributes"] = OpConfig.Write(Op);
        config["constants"] = new JsonArray([.. _constants.Select(c => c is null ? null : OpConfig.Write(c))]);
        return config;
    }

    /// <inheritdoc/>
    public static Operation FromConfig(LayerConfigReader config)
    {
        string op = config.String("op");
        ConstantOp?[] constants =
        [
            .. config.Objects("constants").Select(c => c is null ? null : (ConstantOp)OpConfig.Read("constant", c)),
        ];
        return new Operation(OpConfig.Read(op, config.Object("attributes")), constants, config.Name);
    }
}
