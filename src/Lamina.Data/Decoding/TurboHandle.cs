using System.Runtime.InteropServices;

namespace Lamina;

/// <summary>The state of the TurboJPEG library for decoding on one thread at a time.</summary>
internal sealed class TurboHandle : SafeHandle
{
    private readonly TurboLibrary _library;

    public TurboHandle(nint state, TurboLibrary library)
        : base(0, ownsHandle: true)
    {
        _library = library;
        SetHandle(state);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The native state.</summary>
    public nint Value => handle;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _library.Close(handle);
        return true;
    }
}
