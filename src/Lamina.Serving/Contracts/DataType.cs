namespace Lamina.Serving;

/// <summary>The tensor data types of the protocol.</summary>
internal static class DataType
{
    public const string Fp16 = "FP16";
    public const string Bf16 = "BF16";
    public const string Fp32 = "FP32";
    public const string Fp64 = "FP64";
    public const string Bytes = "BYTES";

    private static readonly Dictionary<string, int> s_sizes = new(StringComparer.Ordinal)
    {
        ["BOOL"] = 1,
        ["UINT8"] = 1,
        ["UINT16"] = 2,
        ["UINT32"] = 4,
        ["UINT64"] = 8,
        ["INT8"] = 1,
        ["INT16"] = 2,
        ["INT32"] = 4,
        ["INT64"] = 8,
        [Fp16] = 2,
        [Bf16] = 2,
        [Fp32] = 4,
        [Fp64] = 8,
        [Bytes] = 0,
    };

    /// <summary>The bytes of an element; 0 of BYTES, whose elements have lengths of their own.</summary>
    public static int SizeOf(string type) => s_sizes[type];

    /// <summary>Throws unless the protocol defines the type.</summary>
    public static void Require(string input, string type)
    {
        if (!s_sizes.ContainsKey(type))
        {
            throw ServingException.Invalid(
                $"input '{input}': '{type}' is not a data type of the protocol. Use {Fp32}, or {Bytes} for encoded images."
            );
        }
    }

    /// <summary>Throws unless values of the type convert to float32.</summary>
    public static void RequireFloat(string input, string type)
    {
        if (type is not (Fp16 or Bf16 or Fp32 or Fp64))
        {
            throw ServingException.Invalid(
                $"input '{input}' has data type {type}, but the model expects {Fp32} (or {Fp16}, {Bf16}, {Fp64}; {Bytes} for encoded images)."
            );
        }
    }
}
