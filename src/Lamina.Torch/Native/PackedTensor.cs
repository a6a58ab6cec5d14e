namespace Lamina.Torch;

/// <summary>
/// Weights in a layout chosen by oneDNN. Only the ops that they were packed for can read them; they have no readable
/// address, so this is not a <see cref="Tensor"/>.
/// </summary>
internal sealed class PackedTensor(nint handle) : IDisposable
{
    private nint _handle = handle;

    ~PackedTensor()
    {
        if (!TorchLibrary.IsEnding)
        {
            Free();
        }
    }

    /// <summary>The handle, for calls; keep this object alive until the call returns.</summary>
    public nint Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle == 0, this);
            return _handle;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        nint held = Interlocked.Exchange(ref _handle, 0);
        if (held != 0)
        {
            _ = TorchNative.aoti_torch_delete_tensor_object(held);
        }
    }
}
