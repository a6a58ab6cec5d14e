using System.Runtime.InteropServices;

namespace Lamina;

/// <summary>
/// The TurboJPEG library of the system (libjpeg-turbo 2.0 or later, C API), which decodes JPEGs about twice as fast as Skia's
/// codec, whose build has no vector code. It is optional, and used only if its pixels equal Skia's.
/// </summary>
internal sealed unsafe class TurboLibrary
{
    /// <summary>The environment variable with the path of the library; <c>off</c> for none.</summary>
    public const string Variable = "LAMINA_TURBOJPEG";

    private const string Off = "off";

    // TurboJPEG's numbers: TJPF_RGB, TJPF_GRAY, TJCS_YCbCr, TJCS_GRAY.
    private const int FormatRgb = 0;
    private const int FormatGray = 6;
    private const int SpaceColor = 1;
    private const int SpaceGray = 2;

    private static readonly Lazy<TurboLibrary?> s_library = new(Load);

    private readonly delegate* unmanaged<nint> _init;
    private readonly delegate* unmanaged<nint, int> _destroy;
    private readonly delegate* unmanaged<nint, byte*, CULong, int*, int*, int*, int*, int> _header;
    private readonly delegate* unmanaged<nint, byte*, CULong, byte*, int, int, int, int, int, int> _decompress;

    private TurboLibrary(nint library)
    {
        _init = (delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "tjInitDecompress");
        _destroy = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "tjDestroy");
        _header = (delegate* unmanaged<nint, byte*, CULong, int*, int*, int*, int*, int>)
            NativeLibrary.GetExport(library, "tjDecompressHeader3");
        _decompress = (delegate* unmanaged<nint, byte*, CULong, byte*, int, int, int, int, int, int>)
            NativeLibrary.GetExport(library, "tjDecompress2");
    }

    /// <summary>The library; <see langword="null"/> if there is none, or if its pixels differ from Skia's.</summary>
    public static TurboLibrary? Current => s_library.Value;

    /// <summary>Creates the state for decoding, which belongs to one thread at a time; <see langword="null"/> without memory.</summary>
    public TurboHandle? Open() => _init() is var state && state != 0 ? new TurboHandle(state, this) : null;

    /// <summary>Frees the state.</summary>
    public void Close(nint state) => _ = _destroy(state);

    /// <summary>Reads the size of a JPEG.</summary>
    /// <returns>The size, and <see langword="true"/> for gray; <see langword="null"/> for files that Skia should decode.</returns>
    public (Size2 Size, bool IsGray)? HeaderOf(TurboHandle state, ReadOnlySpan<byte> file)
    {
        int width,
            height,
            sampling,
            space;
        fixed (byte* start = file)
        {
            if (_header(state.Value, start, new CULong((nuint)file.Length), &width, &height, &sampling, &space) != 0)
            {
                return null;
            }
        }
        return space is SpaceColor or SpaceGray && width > 0 && height > 0
            ? (new Size2(height, width), space == SpaceGray)
            : null;
    }

    /// <summary>Decodes a JPEG at one of the sizes that <see cref="JpegScale"/> offers.</summary>
    /// <returns>
    /// <see langword="true"/> if successful; <see langword="false"/> for files about which the library complains in any way.
    /// </returns>
    public bool Decode(TurboHandle state, ReadOnlySpan<byte> file, Span<byte> pixels, Size2 size, bool isGray)
    {
        _ = pixels[..checked(size.Height * size.Width * (isGray ? 1 : 3))];
        fixed (byte* start = file)
        fixed (byte* target = pixels)
        {
            int format = isGray ? FormatGray : FormatRgb;
            return _decompress(
                    state.Value,
                    start,
                    new CULong((nuint)file.Length),
                    target,
                    size.Width,
                    0,
                    size.Height,
                    format,
                    0
                ) == 0;
        }
    }

    private static TurboLibrary? Load()
    {
        string? path = Environment.GetEnvironmentVariable(Variable);
        if (path == Off)
        {
            return null;
        }
        string[] names =
            !string.IsNullOrEmpty(path) ? [path]
            : OperatingSystem.IsWindows() ? ["turbojpeg.dll"]
            : OperatingSystem.IsMacOS() ? ["libturbojpeg.dylib", "/opt/homebrew/lib/libturbojpeg.dylib"]
            : ["libturbojpeg.so.0"];
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint library))
            {
                return Checked(library);
            }
        }
        return string.IsNullOrEmpty(path)
            ? null
            : throw new DataException(path, $"cannot be loaded as TurboJPEG. Correct or unset {Variable}.");
    }

    private static TurboLibrary? Checked(nint library)
    {
        try
        {
            var loaded = new TurboLibrary(library);
            return TurboCheck.HasEqualPixels(loaded) ? loaded : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }
}
