using System.Text;

namespace Lamina.Torch;

/// <summary>
/// Calls any of libtorch's ops by name, on any device. Arguments are in the op's schema order. Ops with a <c>Scalar</c>
/// argument cannot be called (libtorch 2.10): use their Tensor overloads with <see cref="Tensor.Scalar"/>.
/// </summary>
internal static unsafe class Dispatcher
{
    private const int MaxArguments = 24;

    /// <summary>Calls an op with one result.</summary>
    /// <param name="op">The name, such as <c>"aten::mm"u8</c>.</param>
    /// <param name="overload">The name of the overload; empty for the op's only one.</param>
    /// <param name="arguments">The arguments in schema order, including defaults.</param>
    /// <returns>The result; the caller disposes it.</returns>
    /// <exception cref="TorchException">The op failed.</exception>
    public static Tensor Call(ReadOnlySpan<byte> op, ReadOnlySpan<byte> overload, params ReadOnlySpan<Arg> arguments)
    {
        ulong* stack = stackalloc ulong[MaxArguments];
        Invoke(op, overload, arguments, stack);
        return Take(stack[0]) ?? throw new TorchException($"{Name(op)} returned no result. Please report this.");
    }

    /// <summary>Calls an op with several results; undefined ones become <see langword="null"/>.</summary>
    public static void CallMany(
        ReadOnlySpan<byte> op,
        ReadOnlySpan<byte> overload,
        Span<Tensor?> results,
        params ReadOnlySpan<Arg> arguments
    )
    {
        ulong* stack = stackalloc ulong[MaxArguments];
        Invoke(op, overload, arguments, stack);
        for (int i = 0; i < results.Length; i++)
        {
            results[i] = Take(stack[i]);
        }
    }

    /// <summary>Calls an op that overwrites its first argument and returns it: the second handle is dropped.</summary>
    public static void CallInPlace(
        ReadOnlySpan<byte> op,
        ReadOnlySpan<byte> overload,
        params ReadOnlySpan<Arg> arguments
    )
    {
        ulong* stack = stackalloc ulong[MaxArguments];
        Invoke(op, overload, arguments, stack);
        arguments[0].Tensor!.MarkWritten();
        _ = TorchNative.aoti_torch_delete_tensor_object((nint)stack[0]);
    }

    /// <summary>Calls an op without results.</summary>
    public static void CallVoid(ReadOnlySpan<byte> op, ReadOnlySpan<byte> overload, params ReadOnlySpan<Arg> arguments)
    {
        ulong* stack = stackalloc ulong[MaxArguments];
        Invoke(op, overload, arguments, stack);
    }

    /// <summary>Calls an op whose one result is weights in a layout of oneDNN.</summary>
    public static PackedTensor CallPacked(ReadOnlySpan<byte> op, params ReadOnlySpan<Arg> arguments)
    {
        ulong* stack = stackalloc ulong[MaxArguments];
        Invoke(op, default, arguments, stack);
        return new PackedTensor((nint)stack[0]);
    }

    private static void Invoke(
        ReadOnlySpan<byte> op,
        ReadOnlySpan<byte> overload,
        ReadOnlySpan<Arg> arguments,
        ulong* stack
    )
    {
        TorchLibrary.Use();
        int count = 0;
        try
        {
            for (; count < arguments.Length; count++)
            {
                stack[count] = arguments[count].ToStack();
            }
        }
        catch
        {
            for (int i = 0; i < count; i++)
            {
                arguments[i].Discard(stack[i]);
            }
            throw;
        }
        // u8 literals end with a zero byte that the span does not count.
        fixed (byte* name = op)
        fixed (byte* variant = overload.IsEmpty ? "\0"u8 : overload)
        {
            if (TorchNative.torch_call_dispatcher(name, variant, stack, TorchLibrary.OldestAbi) != 0)
            {
                throw new TorchException(Failed(op, arguments));
            }
        }
    }

    private static Tensor? Take(ulong value)
    {
        var handle = (nint)value;
        byte defined;
        Tensor.Check(TorchNative.aoti_torch_is_defined(handle, &defined));
        if (defined != 0)
        {
            return new Tensor(handle);
        }
        _ = TorchNative.aoti_torch_delete_tensor_object(handle);
        return null;
    }

    private static string Failed(ReadOnlySpan<byte> op, ReadOnlySpan<Arg> arguments)
    {
        List<string> tensors = [];
        foreach (Arg argument in arguments)
        {
            if (argument.Tensor is { } tensor)
            {
                tensors.Add(tensor.ToString());
            }
        }
        return $"{Name(op)} failed in libtorch on {string.Join(" and ", tensors)}; libtorch's own message is on standard "
            + "error. If it reports a lack of memory, use a smaller batch; otherwise please report this.";
    }

    private static string Name(ReadOnlySpan<byte> op) => Encoding.UTF8.GetString(op);
}
