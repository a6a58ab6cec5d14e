using Lamina.Torch;

namespace Lamina.Tests.Native;

public class DispatcherTests
{
    [Fact]
    public void An_op_computes()
    {
        using Tensor a = Tensor.FromSpan([1, 2, 3, 4], [2, 2]);
        using Tensor b = Tensor.FromSpan([5, 6, 7, 8], [2, 2]);
        using Tensor c = Aten.Mm(a, b);
        Assert.Equal([19, 22, 43, 50], c.AsSpan().ToArray());
    }

    [Fact]
    public void A_failed_call_is_an_error_that_names_op_and_shapes_and_the_process_lives()
    {
        using Tensor a = Tensor.Zeros([2, 3]);
        using Tensor b = Tensor.Zeros([4, 5]);
        for (int i = 0; i < 3; i++)
        {
            var e = Assert.Throws<TorchException>(() => Dispatcher.Call("aten::mm"u8, default, a, b));
            Assert.Contains("aten::mm", e.Message, StringComparison.Ordinal);
            Assert.Contains("[2, 3]", e.Message, StringComparison.Ordinal);
            Assert.Contains("[4, 5]", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', e.Message);
        }
        using Tensor sum = Aten.Add(a, a);
        Assert.Equal(6, sum.Count);
    }

    [Fact]
    public void An_unknown_op_is_an_error()
    {
        using Tensor a = Tensor.Zeros([2, 3]);
        Assert.Throws<TorchException>(() => Dispatcher.Call("aten::no_such_op"u8, default, a));
    }

    [Fact]
    public void A_disposed_argument_is_an_error_and_nothing_leaks()
    {
        using Tensor a = Tensor.Zeros([2, 3]);
        Tensor b = Tensor.Zeros([2, 3]);
        b.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Dispatcher.Call("aten::mul"u8, "Tensor"u8, a, b));
        Assert.Throws<ObjectDisposedException>(() => Aten.Cat([a, a, b], 0));
        Assert.Throws<ObjectDisposedException>(() =>
            Dispatcher.Call("aten::linear"u8, default, a, Arg.Some(a), Arg.Some(b))
        );
    }

    [Fact]
    public void Lists_optionals_and_scalars_arrive()
    {
        using Tensor x = Tensor.FromSpan([1, -2, 3, -4, 5, -6], [2, 3]);
        using Tensor sum = Aten.Sum(x, [0], keepDims: true);
        Assert.Equal([1, 3], sum.Sizes.ToArray());
        Assert.Equal([-3, 3, -3], sum.AsSpan().ToArray());
        using Tensor joined = Aten.Cat([x, x], 1);
        Assert.Equal([1, -2, 3, 1, -2, 3, -4, 5, -6, -4, 5, -6], joined.AsSpan().ToArray());
        using Tensor clamped = Aten.Clamp(x, -3, 4);
        Assert.Equal([1, -2, 3, -3, 4, -3], clamped.AsSpan().ToArray());
        using Tensor scaled = Aten.Mul(x, 0.5);
        Assert.Equal(DType.Float32, scaled.DType);
        Assert.Equal([0.5f, -1, 1.5f, -2, 2.5f, -3], scaled.AsSpan().ToArray());
        using Tensor padded = Aten.Pad(x, [1, 0], 9);
        Assert.Equal([9, 1, -2, 3, 9, -4, 5, -6], padded.AsSpan().ToArray());
    }

    [Fact]
    public void Calls_leave_no_tensor_behind()
    {
        var meter = new StorageMeter();
        using StorageMeter.Scope counted = meter.Count();
        using Tensor a = Tensor.Zeros([64, 64]);
        Work(a);
        (long tensors, long bytes) = (meter.Tensors, meter.Bytes);
        for (int i = 0; i < 100; i++)
        {
            Work(a);
        }
        Assert.Equal((tensors, bytes), (meter.Tensors, meter.Bytes));

        static void Work(Tensor a)
        {
            using Tensor product = Aten.Mm(a, a);
            using Tensor view = Aten.T(product);
            using Tensor copy = Aten.Contiguous(view);
            Aten.MulInPlace(copy, 2);
        }
    }

    [Fact]
    public void No_thread_records_gradients()
    {
        bool[] enabled = new bool[4];
        Thread[] threads =
        [
            .. Enumerable
                .Range(0, 4)
                .Select(i => new Thread(() =>
                {
                    using Tensor a = Tensor.Zeros([2, 2]);
                    enabled[i] = TorchNative.aoti_torch_grad_mode_is_enabled();
                })),
        ];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }
        foreach (Thread thread in threads)
        {
            thread.Join();
        }
        Assert.DoesNotContain(true, enabled);
    }
}
