namespace Lamina;

/// <summary>The treatment of a message's field when a file is read.</summary>
internal enum FieldUse
{
    /// <summary>Kept as it is: numbers, strings, lists of numbers.</summary>
    Keep,

    /// <summary>A message, of whose fields some are kept.</summary>
    Enter,

    /// <summary>A tensor's values, which stay in the file.</summary>
    Values,
}

/// <summary>
/// The fields of ONNX's messages that are read, by their numbers in onnx.proto. All others (deep subgraphs, functions,
/// training, sparse tensors, documentation of parts) are skipped, so that they need neither memory nor depth.
/// </summary>
internal sealed class OnnxSchema
{
    private readonly Dictionary<int, (FieldUse Use, OnnxSchema? Message)> _fields;

    private OnnxSchema(int[] kept, Dictionary<int, OnnxSchema>? entered = null, int[]? values = null)
    {
        _fields = kept.ToDictionary(f => f, _ => (FieldUse.Keep, (OnnxSchema?)null));
        foreach ((int field, OnnxSchema message) in entered ?? [])
        {
            _fields.Add(field, (FieldUse.Enter, message));
        }
        foreach (int field in values ?? [])
        {
            _fields.Add(field, (FieldUse.Values, null));
        }
    }

    /// <summary>The field of TensorProto for bytes, which replaces all values.</summary>
    public const int RawData = 9;

    private static readonly OnnxSchema s_pair = new([1, 2]);

    // dims, data_type, name, data_location; external_data; float_data, int32_data, int64_data, raw_data, double_data.
    private static readonly OnnxSchema s_tensor = new([1, 2, 8, 14], new() { [13] = s_pair }, [4, 5, 7, RawData, 10]);

    // name; type (tensor_type (elem_type; shape (dim (dim_value, dim_param, denotation)))).
    private static readonly OnnxSchema s_value = new(
        [1],
        new() { [2] = new([], new() { [1] = new([1], new() { [2] = new([], new() { [1] = new([1, 2, 3]) }) }) }) }
    );

    // Branches of If within branches: exporters write one level, and files may not have arbitrarily many.
    private const int MostBranches = 2;

    // name, f, i, s, floats, ints, type; t, g.
    private static OnnxSchema Attribute(int branches)
    {
        var entered = new Dictionary<int, OnnxSchema> { [5] = s_tensor };
        if (branches > 0)
        {
            entered.Add(6, Graph(branches - 1));
        }
        return new([1, 2, 3, 4, 7, 8, 20], entered);
    }

    // input, output, name, op_type, domain; attribute.
    private static OnnxSchema Node(int branches) => new([1, 2, 3, 4, 7], new() { [5] = Attribute(branches) });

    // name; node, initializer, input, output.
    private static OnnxSchema Graph(int branches) =>
        new(
            [2],
            new()
            {
                [1] = Node(branches),
                [5] = s_tensor,
                [11] = s_value,
                [12] = s_value,
            }
        );

    /// <summary>
    /// The schema of a file: ir_version, producer_name, producer_version, domain, model_version, doc_string; graph,
    /// opset_import, metadata_props.
    /// </summary>
    public static OnnxSchema Model { get; } =
        new(
            [1, 2, 3, 4, 5, 6],
            new()
            {
                [7] = Graph(MostBranches),
                [8] = s_pair,
                [14] = s_pair,
            }
        );

    /// <summary>The schema of a tensor in a separate file, as in ONNX's tests.</summary>
    public static OnnxSchema Tensor => s_tensor;

    /// <summary>Returns the treatment of a field; no message if it is skipped.</summary>
    public (FieldUse Use, OnnxSchema? Message)? this[int field] =>
        _fields.TryGetValue(field, out (FieldUse, OnnxSchema?) entry) ? entry : null;
}
