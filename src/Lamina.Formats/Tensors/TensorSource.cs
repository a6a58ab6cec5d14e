namespace Lamina;

/// <summary>The tensors of a file, whose values are read on demand and verified while they are read.</summary>
internal abstract class TensorSource : IDisposable
{
    /// <summary>The file's name in errors.</summary>
    public abstract string File { get; }

    /// <summary>The tensors, in the file's order, with unique names.</summary>
    public abstract IReadOnlyList<SourceTensor> Tensors { get; }

    /// <summary>Begins to read a tensor's elements as float32, in row-major order.</summary>
    /// <returns>
    /// A function that fills each span it is passed with the next elements. A checksum is compared once the last has
    /// been read.
    /// </returns>
    /// <exception cref="ModelFileException">The elements cannot be converted to float32.</exception>
    public abstract FloatReader Open(SourceTensor tensor);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the file.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Rejects tensors of complex, quantized and other unsupported elements.</summary>
    protected void RequireValues(SourceTensor tensor)
    {
        if (!tensor.Type.HasValues())
        {
            throw new ModelFileException(
                $"{File}: tensor {tensor} has an element type that Lamina does not support. Convert it to float32 first."
            );
        }
    }
}

/// <summary>Fills a span with a tensor's next elements.</summary>
internal delegate void FloatReader(Span<float> values);
