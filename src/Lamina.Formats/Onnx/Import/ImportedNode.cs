using Onnx;
using AttributeType = Onnx.AttributeProto.Types.AttributeType;

namespace Lamina;

/// <summary>A node of the file, with its inputs and attributes, checked on access.</summary>
internal sealed class ImportedNode
{
    private readonly NodeProto _proto;
    private readonly ImportContext _context;

    // Most nodes have no attributes, and there may be thousands.
    private static readonly Dictionary<string, AttributeProto> s_none = [];

    private readonly Dictionary<string, AttributeProto> _attributes = s_none;
    private readonly HashSet<string>? _read;

    public ImportedNode(NodeProto proto, ImportContext context)
    {
        (_proto, _context) = (proto, context);
        if (proto.Attribute.Count == 0)
        {
            return;
        }
        _attributes = new Dictionary<string, AttributeProto>(StringComparer.Ordinal);
        _read = new HashSet<string>(StringComparer.Ordinal);
        foreach (AttributeProto attribute in proto.Attribute)
        {
            if (!_attributes.TryAdd(attribute.Name, attribute))
            {
                throw Error($"has the attribute {Quoted.Name(attribute.Name)} twice");
            }
        }
    }

    public string Operator => _proto.OpType;

    /// <summary>The node's name, or that of its output.</summary>
    public string Name => _proto.Name.Length > 0 ? _proto.Name : _proto.Output.FirstOrDefault() ?? "";

    public IReadOnlyList<string> Inputs => _proto.Input;

    public IReadOnlyList<string> Outputs => _proto.Output;

    public override string ToString() => $"node {Quoted.Name(Name)} ({Quoted.Line(Operator, 40)})";

    /// <summary>Creates an error that names the file and the node.</summary>
    public ModelFileException Error(string what) => new($"{_context.File}: {this}: {what}.");

    /// <summary>Returns <see langword="true"/> if the node has this input.</summary>
    public bool Has(int input) => input < _proto.Input.Count && _proto.Input[input].Length > 0;

    /// <summary>Returns an input, constant or not.</summary>
    public ImportedValue Input(int input) =>
        Has(input) ? _context.Value(_proto.Input[input], this) : throw Error($"lacks input {input}");

    /// <summary>Returns an input that is computed.</summary>
    public ImportedValue Tensor(int input) =>
        Input(input) is { IsComputed: true } value
            ? value
            : throw Error($"input {input} is a constant, where Lamina's layer requires a computed value");

    /// <summary>Returns an input that is a constant.</summary>
    public OnnxTensor Constant(int input) =>
        Input(input) switch
        {
            { Constant: { } constant } => constant,
            { Sizes: not null } => throw Error($"input {input} depends on the batch size, which stays open in Lamina"),
            _ => throw Error(
                $"input {input} is computed, where Lamina's layer requires a weight or a constant of the file"
            ),
        };

    /// <summary>Returns a constant of an attribute.</summary>
    public ImportedValue Constant(TensorProto attribute) => _context.Constant(attribute);

    /// <summary>
    /// Returns a vector of integers: an attribute in old versions of the operator, an input in new ones.
    /// </summary>
    public long[]? Whole(string attribute, int input)
    {
        if (_attributes.ContainsKey(attribute))
        {
            return Ints(attribute);
        }
        return Has(input) ? Constant(input).ReadWhole(4096) : null;
    }

    /// <summary>
    /// Returns a vector of sizes, some of which may be multiples of the batch size: an attribute or an input.
    /// </summary>
    public FoldedNumber[]? Sizes(string attribute, int input) =>
        Has(input) && Input(input).Sizes is { } sizes
            ? sizes.Elements
            : Whole(attribute, input)?.Select(s => FoldedNumber.Of(s)).ToArray();

    /// <summary>Returns a number: an attribute in old versions of the operator, an input in new ones.</summary>
    public float? Scalar(string attribute, int input)
    {
        if (_attributes.ContainsKey(attribute))
        {
            return Real(attribute, 0);
        }
        if (!Has(input))
        {
            return null;
        }
        OnnxTensor constant = Constant(input);
        Span<float> value = stackalloc float[1];
        if (constant.Count != 1)
        {
            throw Error($"input {input} must be one number, but is {constant}");
        }
        constant.Read(value);
        return value[0];
    }

    public long Int(string name, long missing) => Find(name, AttributeType.Int) is { } a ? a.I : missing;

    public float Real(string name, float missing) => Find(name, AttributeType.Float) is { } a ? a.F : missing;

    public string Text(string name, string missing) =>
        Find(name, AttributeType.String) is { } a ? a.S.ToStringUtf8() : missing;

    public long[]? Ints(string name) => Find(name, AttributeType.Ints) is { } a ? [.. a.Ints] : null;

    public float[]? Reals(string name) => Find(name, AttributeType.Floats) is { } a ? [.. a.Floats] : null;

    public TensorProto? TensorAttribute(string name) => Find(name, AttributeType.Tensor)?.T;

    public GraphProto? GraphAttribute(string name) => Find(name, AttributeType.Graph)?.G;

    /// <summary>Returns <see langword="true"/> if the node has this attribute.</summary>
    public bool HasAttribute(string name) => _attributes.ContainsKey(name);

    /// <summary><see langword="true"/> if the node has no attributes.</summary>
    public bool IsBare => _attributes.Count == 0;

    /// <summary>Marks attributes as read that have no effect here.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            _ = _read?.Add(name);
        }
    }

    /// <summary>Rejects a node with unread attributes, whose meaning would be lost.</summary>
    public void RequireAllRead()
    {
        if (_attributes.Keys.FirstOrDefault(a => !_read!.Contains(a)) is { } unread)
        {
            throw Error($"has the attribute {Quoted.Name(unread)}, which Lamina does not support");
        }
    }

    /// <summary>Rejects a node if more than its first output is used.</summary>
    public void RequireOneOutput()
    {
        if (_proto.Output.Skip(1).Any(o => o.Length > 0 && _context.IsUsed(o)))
        {
            throw Error("has a second output that is used, which Lamina does not support");
        }
    }

    /// <summary>
    /// A text that is equal for nodes that do the same to different inputs: everything except the first input.
    /// </summary>
    public string Signature
    {
        get
        {
            var rest = new NodeProto(_proto) { Name = "" };
            rest.Output.Clear();
            rest.Input.RemoveAt(0);
            return rest.ToString();
        }
    }

    private AttributeProto? Find(string name, AttributeType type)
    {
        _ = _read?.Add(name);
        if (!_attributes.TryGetValue(name, out AttributeProto? attribute))
        {
            return null;
        }
        // The oldest files contain no type.
        return attribute.Type == type || !attribute.HasType
            ? attribute
            : throw Error($"the attribute {Quoted.Name(name)} is not of type {type.ToString().ToLowerInvariant()}");
    }
}
