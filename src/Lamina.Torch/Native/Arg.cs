using System.Runtime.InteropServices;

namespace Lamina.Torch;

/// <summary>
/// An argument of an op, as its schema requires it. <c>Tensor</c>, <c>int[]</c>, <c>bool[]</c>, <c>Tensor[]</c>,
/// <c>int</c>, <c>float</c> (a double) and <c>bool</c> convert; <c>T?</c> arguments accept <see cref="None"/> or
/// <see cref="Some(Tensor)"/>.
/// </summary>
internal readonly struct Arg
{
    private readonly object? _reference;
    private readonly ulong _value;
    private readonly bool _optional;

    private Arg(object? reference, ulong value, bool optional) =>
        (_reference, _value, _optional) = (reference, value, optional);

    /// <summary>An optional argument that is omitted.</summary>
    public static Arg None => default;

    /// <summary>The tensor, if this is one.</summary>
    public Tensor? Tensor => _reference as Tensor;

    public static implicit operator Arg(Tensor value) => new(value, 0, false);

    public static implicit operator Arg(Tensor[] value) => new(value, 0, false);

    public static implicit operator Arg(long[] value) => new(value, 0, false);

    public static implicit operator Arg(bool[] value) => new(value, 0, false);

    public static implicit operator Arg(long value) => new(null, (ulong)value, false);

    public static implicit operator Arg(bool value) => new(null, value ? 1u : 0u, false);

    public static implicit operator Arg(double value) => new(null, BitConverter.DoubleToUInt64Bits(value), false);

    /// <summary>Creates an optional tensor argument.</summary>
    public static Arg Some(Tensor? value) => value is null ? None : new(value, 0, true);

    /// <summary>Creates an optional list argument.</summary>
    public static Arg Some(long[] value) => new(value, 0, true);

    /// <summary>
    /// Returns the 64 bits that the dispatcher requires. It takes ownership of what they point to;
    /// <see cref="Discard"/> frees that if the call is not made.
    /// </summary>
    public unsafe ulong ToStack()
    {
        ulong value = _reference switch
        {
            null => _value,
            Tensor tensor => NewHandle(tensor),
            long[] list => List(list),
            bool[] list => List(list),
            _ => List((Tensor[])_reference),
        };
        if (_optional)
        {
            // An optional is a pointer that libtorch frees with the C runtime's allocator, which NativeMemory.Alloc
            // uses.
            var box = (ulong*)NativeMemory.Alloc(sizeof(ulong));
            *box = value;
            value = (ulong)box;
        }
        return value;
    }

    /// <summary>Frees what <see cref="ToStack"/> allocated.</summary>
    public unsafe void Discard(ulong value)
    {
        if (_reference is null)
        {
            return;
        }
        if (_optional)
        {
            var box = (ulong*)value;
            value = *box;
            NativeMemory.Free(box);
        }
        if (_reference is Tensor)
        {
            _ = TorchNative.aoti_torch_delete_tensor_object((nint)value);
        }
        else
        {
            DiscardList((nint)value, _reference as Tensor[]);
        }
    }

    private static unsafe ulong NewHandle(Tensor tensor)
    {
        nint handle;
        Torch.Tensor.Check(TorchNative.aoti_torch_new_tensor_handle(tensor.Handle, &handle));
        GC.KeepAlive(tensor);
        return (ulong)handle;
    }

    private static unsafe nint NewList(int capacity)
    {
        nint list;
        Torch.Tensor.Check(TorchNative.torch_new_list_reserve_size((nuint)capacity, &list));
        return list;
    }

    private static ulong List(long[] values)
    {
        nint list = NewList(values.Length);
        foreach (long value in values)
        {
            Torch.Tensor.Check(TorchNative.torch_list_push_back(list, (ulong)value));
        }
        return (ulong)list;
    }

    private static ulong List(bool[] values)
    {
        nint list = NewList(values.Length);
        foreach (bool value in values)
        {
            Torch.Tensor.Check(TorchNative.torch_list_push_back(list, value ? 1u : 0u));
        }
        return (ulong)list;
    }

    private static ulong List(Tensor[] tensors)
    {
        nint list = NewList(tensors.Length);
        int pushed = 0;
        try
        {
            for (; pushed < tensors.Length; pushed++)
            {
                Torch.Tensor.Check(TorchNative.torch_list_push_back(list, NewHandle(tensors[pushed])));
            }
        }
        catch
        {
            DiscardList(list, tensors, pushed);
            throw;
        }
        return (ulong)list;
    }

    private static unsafe void DiscardList(nint list, Tensor[]? tensors, int? count = null)
    {
        for (int i = 0; i < (tensors is null ? 0 : count ?? tensors.Length); i++)
        {
            ulong handle;
            if (TorchNative.torch_list_get_item(list, (nuint)i, &handle) == 0)
            {
                _ = TorchNative.aoti_torch_delete_tensor_object((nint)handle);
            }
        }
        _ = TorchNative.torch_delete_list(list);
    }
}
