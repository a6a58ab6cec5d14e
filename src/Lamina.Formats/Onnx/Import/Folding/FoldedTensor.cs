using System.Runtime.InteropServices;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Lamina;

/// <summary>
/// A small tensor whose elements are known when the file is read: shapes, axes, pads and what is computed from them.
/// </summary>
internal sealed class FoldedTensor
{
    /// <summary>The maximum number of elements. Weights are larger, and are not folded.</summary>
    public const int MostElements = 1 << 16;

    public FoldedTensor(DataType type, long[] dims, FoldedNumber[] elements) =>
        (Type, Dims, Elements) = (type, dims, elements);

    public DataType Type { get; }

    public long[] Dims { get; }

    /// <summary>The elements, the last dimension fastest.</summary>
    public FoldedNumber[] Elements { get; }

    /// <summary>
    /// <see langword="true"/> if the elements are real numbers; <see langword="false"/> for integers or truth values.
    /// </summary>
    public bool IsReal => IsRealType(Type);

    /// <summary><see langword="true"/> if an element depends on the batch size.</summary>
    public bool DependsOnBatch => Elements.Any(e => e.OfBatch);

    /// <summary>Returns a vector of integers.</summary>
    public static FoldedTensor Vector(params FoldedNumber[] elements) =>
        new(DataType.Int64, [elements.Length], elements);

    public static bool IsRealType(DataType type) => type is DataType.Float or DataType.Double;

    public static bool IsSupported(DataType type) =>
        type is DataType.Float or DataType.Double or DataType.Int64 or DataType.Int32 or DataType.Bool;

    /// <summary>
    /// Returns the value as a tensor to compute with; <see langword="null"/> if it is computed by the model, or too
    /// large.
    /// </summary>
    public static FoldedTensor? From(ImportedValue value)
    {
        if (value.Sizes is { } sizes)
        {
            return sizes;
        }
        if (value.Constant is not { Count: <= MostElements } constant || !IsSupported(constant.Type))
        {
            return null;
        }
        FoldedNumber[] elements;
        if (IsRealType(constant.Type))
        {
            var real = new float[constant.Count];
            constant.Read(real);
            elements = [.. real.Select(r => FoldedNumber.Of((double)r))];
        }
        else
        {
            var whole = new long[constant.Count];
            new OnnxValues(constant).Read(whole);
            elements = [.. whole.Select(w => FoldedNumber.Of(w))];
        }
        return new FoldedTensor(constant.Type, [.. constant.Dims], elements);
    }

    /// <summary>Returns the values in little-endian bytes, as in files.</summary>
    public byte[] ToBytes() =>
        Type switch
        {
            DataType.Float => MemoryMarshal.AsBytes<float>(Elements.Select(e => (float)e.Real).ToArray()).ToArray(),
            DataType.Double => MemoryMarshal.AsBytes<double>(Elements.Select(e => e.Real).ToArray()).ToArray(),
            DataType.Int32 => MemoryMarshal.AsBytes<int>(Elements.Select(e => (int)e.Whole).ToArray()).ToArray(),
            DataType.Bool => [.. Elements.Select(e => e.Whole != 0 ? (byte)1 : (byte)0)],
            _ => MemoryMarshal.AsBytes<long>(Elements.Select(e => e.Whole).ToArray()).ToArray(),
        };
}
