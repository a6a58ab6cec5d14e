using System.Runtime.InteropServices;

namespace Lamina.Torch;

/// <summary>
/// The functions of libtorch's stable C ABI that the engine calls. All but the first few return 0, or another number on
/// failure. Use <see cref="TorchLibrary.Use"/> first: it loads the library and prepares the calling thread.
/// </summary>
internal static unsafe partial class TorchNative
{
    /// <summary>The name that <see cref="TorchLibrary"/> resolves to the loaded library.</summary>
    public const string Library = "torch_cpu";

    [LibraryImport(Library)]
    public static partial ulong aoti_torch_abi_version();

    [LibraryImport(Library)]
    public static partial int aoti_torch_dtype_float32();

    [LibraryImport(Library)]
    public static partial void aoti_torch_grad_mode_set_enabled([MarshalAs(UnmanagedType.U1)] bool enabled);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool aoti_torch_grad_mode_is_enabled();

    [LibraryImport(Library)]
    public static partial int aoti_torch_empty_strided(
        long rank,
        long* sizes,
        long* strides,
        int dtype,
        int deviceType,
        int deviceIndex,
        nint* result
    );

    [LibraryImport(Library)]
    public static partial int aoti_torch_create_tensor_from_blob(
        void* data,
        long rank,
        long* sizes,
        long* strides,
        long offset,
        int dtype,
        int deviceType,
        int deviceIndex,
        nint* result
    );

    [LibraryImport(Library)]
    public static partial int aoti_torch__reinterpret_tensor(
        nint tensor,
        long rank,
        long* sizes,
        long* strides,
        long offsetIncrement,
        nint* result
    );

    [LibraryImport(Library)]
    public static partial int aoti_torch_new_tensor_handle(nint tensor, nint* result);

    [LibraryImport(Library)]
    public static partial int aoti_torch_delete_tensor_object(nint tensor);

    [LibraryImport(Library)]
    public static partial int aoti_torch_is_defined(nint tensor, byte* result);

    [LibraryImport(Library)]
    public static partial int aoti_torch_get_data_ptr(nint tensor, void** result);

    [LibraryImport(Library)]
    public static partial int aoti_torch_get_dim(nint tensor, long* result);

    [LibraryImport(Library)]
    public static partial int aoti_torch_get_sizes(nint tensor, long** result);

    [LibraryImport(Library)]
    public static partial int aoti_torch_get_strides(nint tensor, long** result);

    [LibraryImport(Library)]
    public static partial int aoti_torch_get_dtype(nint tensor, int* result);

    [LibraryImport(Library)]
    public static partial int aoti_torch_get_device_type(nint tensor, int* result);

    [LibraryImport(Library)]
    public static partial int aoti_torch_get_device_index(nint tensor, int* result);

    [LibraryImport(Library)]
    public static partial int aoti_torch_get_storage_offset(nint tensor, long* result);

    [LibraryImport(Library)]
    public static partial int aoti_torch_get_storage_size(nint tensor, long* result);

    [LibraryImport(Library)]
    public static partial int aoti_torch_scalar_to_tensor_float64(double value, nint* result);

    [LibraryImport(Library)]
    public static partial int torch_new_list_reserve_size(nuint size, nint* result);

    [LibraryImport(Library)]
    public static partial int torch_list_push_back(nint list, ulong value);

    [LibraryImport(Library)]
    public static partial int torch_list_get_item(nint list, nuint index, ulong* result);

    [LibraryImport(Library)]
    public static partial int torch_delete_list(nint list);

    [LibraryImport(Library)]
    public static partial int torch_get_num_threads(uint* result);
}
