using Google.Protobuf;
using Onnx;

namespace Lamina;

/// <summary>An open ONNX file: its graph in memory, its tensors' values in the file until they are read.</summary>
internal sealed class OnnxSource : IDisposable
{
    private readonly FileStream _stream;
    private readonly ExternalFiles _external;

    private OnnxSource(string path, FileStream stream)
    {
        (Path, _stream, _external) = (path, stream, new ExternalFiles(path));
        Length = stream.Length;
    }

    public string Path { get; }

    /// <summary>The file's length.</summary>
    public long Length { get; }

    public ModelProto Model { get; private set; } = null!;

    /// <summary>Opens a model's file.</summary>
    /// <exception cref="ModelFileException">The file cannot be read or is malformed.</exception>
    public static OnnxSource Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        OnnxSource? source = null;
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            source = new OnnxSource(path, stream);
            source.Model = source.Parse(ModelProto.Parser, OnnxSchema.Model);
            return source;
        }
        catch (Exception e)
        {
            source?.Dispose();
            if (FileErrors.IsFileError(e))
            {
                throw FileErrors.CannotRead(path, e);
            }
            throw;
        }
    }

    /// <summary>Reads bytes of the file, or of one beside it.</summary>
    public void Read(string? external, long offset, Span<byte> destination)
    {
        try
        {
            FileStream stream = external is null ? _stream : _external.Open(external);
            stream.Seek(offset, SeekOrigin.Begin);
            stream.ReadExactly(destination);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotRead(external is null ? Path : $"{Path}: its data {Quoted.Name(external)}", e);
        }
    }

    /// <summary>Returns the length of a file beside the model that contains tensors' values.</summary>
    public long ExternalLength(string location) => _external.Length(location);

    public void Dispose()
    {
        _stream.Dispose();
        _external.Dispose();
    }

    private T Parse<T>(MessageParser<T> parser, OnnxSchema schema)
        where T : IMessage<T>
    {
        ReadOnlyMemory<byte> skeleton = OnnxSkeleton.Read(_stream, Length, Path, schema);
        try
        {
            return parser.WithDiscardUnknownFields(true).ParseFrom(skeleton.Span);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ModelFileException($"{Path}: is not an ONNX file, or is damaged: {Quoted.Line(e.Message)}", e);
        }
    }
}
