namespace Lamina;

/// <summary>The tensors of a safetensors file, read as float32.</summary>
internal sealed class SafetensorsSource : TensorSource
{
    /// <summary>The reader of the file.</summary>
    public SafetensorsReader Reader { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="ModelFileException">The file cannot be read or is malformed.</exception>
    public SafetensorsSource(string path)
        : this(SafetensorsReader.Open(path), path) { }

    /// <summary>Takes ownership of an open file.</summary>
    public SafetensorsSource(SafetensorsReader reader, string path)
    {
        (Reader, File) = (reader, path);
        Tensors = [.. reader.Tensors.Select(t => new Tensor(t))];
    }

    public override string File { get; }

    public override IReadOnlyList<SourceTensor> Tensors { get; }

    public override FloatReader Open(SourceTensor tensor)
    {
        RequireValues(tensor);
        return new ContiguousReader(
            tensor.Type,
            isSwapped: !BitConverter.IsLittleEndian,
            (offset, bytes) => Reader.ReadBytes(tensor.Name, offset, bytes)
        ).Read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Reader.Dispose();
        }
    }

    private static ElementType TypeOf(SafetensorsDtype dtype) =>
        dtype switch
        {
            SafetensorsDtype.Bool => ElementType.Bool,
            SafetensorsDtype.U8 => ElementType.UInt8,
            SafetensorsDtype.I8 => ElementType.Int8,
            SafetensorsDtype.I16 => ElementType.Int16,
            SafetensorsDtype.U16 => ElementType.UInt16,
            SafetensorsDtype.F16 => ElementType.Float16,
            SafetensorsDtype.BF16 => ElementType.BFloat16,
            SafetensorsDtype.I32 => ElementType.Int32,
            SafetensorsDtype.U32 => ElementType.UInt32,
            SafetensorsDtype.F32 => ElementType.Float32,
            SafetensorsDtype.I64 => ElementType.Int64,
            SafetensorsDtype.U64 => ElementType.UInt64,
            SafetensorsDtype.F64 => ElementType.Float64,
            SafetensorsDtype.C64 => ElementType.Other64,
            _ => ElementType.Other8,
        };

    private sealed record Tensor(SafetensorsTensor Entry)
        : SourceTensor(Entry.Name, TypeOf(Entry.Dtype), Entry.Dtype.FileName(), Entry.Dimensions);
}
