namespace Lamina;

/// <summary>The Python names that a state dict refers to; a pickle must not contain others.</summary>
internal static class PickleGlobals
{
    public const string OrderedDict = "collections.OrderedDict";
    public const string RebuildTensor = "torch._utils._rebuild_tensor";
    public const string RebuildTensor2 = "torch._utils._rebuild_tensor_v2";
    public const string RebuildTensor3 = "torch._utils._rebuild_tensor_v3";
    public const string RebuildParameter = "torch._utils._rebuild_parameter";
    public const string RebuildParameterWithState = "torch._utils._rebuild_parameter_with_state";
    public const string RebuildFromType = "torch._tensor._rebuild_from_type_v2";
    public const string Size = "torch.Size";
    public const string Tensor = "torch.Tensor";
    public const string Parameter = "torch.nn.parameter.Parameter";
    public const string ParameterAlias = "torch.nn.Parameter";
    public const string Device = "torch.device";
    public const string Set = "builtins.set";
    public const string SetOfPython2 = "__builtin__.set";

    private static readonly HashSet<string> s_names =
    [
        OrderedDict,
        RebuildTensor,
        RebuildTensor2,
        RebuildTensor3,
        RebuildParameter,
        RebuildParameterWithState,
        RebuildFromType,
        Size,
        Tensor,
        Parameter,
        ParameterAlias,
        Device,
        Set,
        SetOfPython2,
    ];

    private static readonly Dictionary<string, (ElementType Type, string Name)> s_storages = new()
    {
        ["FloatStorage"] = (ElementType.Float32, "float32"),
        ["DoubleStorage"] = (ElementType.Float64, "float64"),
        ["HalfStorage"] = (ElementType.Float16, "float16"),
        ["BFloat16Storage"] = (ElementType.BFloat16, "bfloat16"),
        ["LongStorage"] = (ElementType.Int64, "int64"),
        ["IntStorage"] = (ElementType.Int32, "int32"),
        ["ShortStorage"] = (ElementType.Int16, "int16"),
        ["CharStorage"] = (ElementType.Int8, "int8"),
        ["ByteStorage"] = (ElementType.UInt8, "uint8"),
        ["BoolStorage"] = (ElementType.Bool, "bool"),
        ["ComplexFloatStorage"] = (ElementType.Other64, "complex64"),
        ["ComplexDoubleStorage"] = (ElementType.Other128, "complex128"),
        ["QInt8Storage"] = (ElementType.Other8, "qint8"),
        ["QUInt8Storage"] = (ElementType.Other8, "quint8"),
        ["QInt32Storage"] = (ElementType.Other32, "qint32"),
        ["UntypedStorage"] = (ElementType.UInt8, "uint8"),
    };

    private static readonly Dictionary<string, ElementType> s_dtypes = new()
    {
        ["float32"] = ElementType.Float32,
        ["float64"] = ElementType.Float64,
        ["float16"] = ElementType.Float16,
        ["bfloat16"] = ElementType.BFloat16,
        ["int64"] = ElementType.Int64,
        ["int32"] = ElementType.Int32,
        ["int16"] = ElementType.Int16,
        ["int8"] = ElementType.Int8,
        ["uint8"] = ElementType.UInt8,
        ["uint16"] = ElementType.UInt16,
        ["uint32"] = ElementType.UInt32,
        ["uint64"] = ElementType.UInt64,
        ["bool"] = ElementType.Bool,
        ["complex64"] = ElementType.Other64,
        ["complex128"] = ElementType.Other128,
        ["float8_e4m3fn"] = ElementType.Other8,
        ["float8_e5m2"] = ElementType.Other8,
        ["float8_e4m3fnuz"] = ElementType.Other8,
        ["float8_e5m2fnuz"] = ElementType.Other8,
    };

    /// <summary>Returns <see langword="true"/> if a pickle may contain this name.</summary>
    public static bool IsListed(string name) =>
        s_names.Contains(name) || StorageType(name) is not null || DType(name) is not null;

    /// <summary>Returns the element type of a storage class.</summary>
    public static (ElementType Type, string Name)? StorageType(string name)
    {
        foreach (string prefix in (ReadOnlySpan<string>)["torch.", "torch.cuda.", "torch.storage."])
        {
            if (
                name.StartsWith(prefix, StringComparison.Ordinal)
                && s_storages.TryGetValue(name[prefix.Length..], out var type)
            )
            {
                return type;
            }
        }
        return null;
    }

    /// <summary>Returns the element type of a dtype.</summary>
    public static (ElementType Type, string Name)? DType(string name) =>
        name.StartsWith("torch.", StringComparison.Ordinal) && s_dtypes.TryGetValue(name[6..], out ElementType type)
            ? (type, name[6..])
            : null;
}
