namespace Lamina;

/// <summary>Tensors of a file, whose values are read when asked for and checked as they are read.</summary>
internal abstract class TensorSource : IDisposable
{
    /// <summary>The file's name in errors.</summary>
    public abstract string File { get; }

    /// <summary>The tensors, in the file's order, their names unique.</summary>
    public abstract IReadOnlyList<SourceTensor> Tensors { get; }

    /// <summary>Begins to read a tensor's elements, as float32, in row-major order.</summary>
    /// <returns>
    /// Fills each span that it is given with the next elements. A checksum is compared when the last has been read.
    /// </returns>
    /// <exception cref="ModelFileException">The elements are no numbers that have a float32.</exception>
    public abstract FloatReader Open(SourceTensor tensor);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the file.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Refuses tensors of complex, quantized and other elements.</summary>
    protected void RequireValues(SourceTensor tensor)
    {
        if (!tensor.Type.HasValues())
        {
            throw new ModelFileException(
                $"{File}: tensor {tensor} has elements that Lamina does not compute with. Convert it to float32 first."
            );
        }
    }
}

/// <summary>Fills a span with a tensor's next elements.</summary>
internal delegate void FloatReader(Span<float> values);
