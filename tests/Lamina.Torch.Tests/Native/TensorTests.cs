using Lamina.Torch;

namespace Lamina.Tests.Native;

public class TensorTests
{
    [Fact]
    public void Values_go_in_and_come_out()
    {
        using Tensor x = Tensor.FromSpan([1, 2, 3, 4, 5, 6], [2, 3]);
        Assert.Equal([2, 3], x.Sizes.ToArray());
        Assert.Equal([3, 1], x.Strides.ToArray());
        Assert.Equal(6, x.Count);
        Assert.Equal(DType.Float32, x.DType);
        Assert.Equal(Device.Cpu, x.Device);
        var values = new float[6];
        x.CopyTo(values);
        Assert.Equal([1, 2, 3, 4, 5, 6], values);
    }

    [Fact]
    public void A_view_shares_its_storage_and_outlives_its_origin()
    {
        Tensor x = Tensor.FromSpan([1, 2, 3, 4, 5, 6], [2, 3]);
        using Tensor view = x.View(3, 2);
        Assert.True(view.SharesStorage(x));
        x.WriteSpan()[5] = 60;
        x.Dispose();
        Assert.Equal([1, 2, 3, 4, 5, 60], view.AsSpan().ToArray());
        Assert.Throws<ObjectDisposedException>(() => x.AsSpan().Length);
    }

    [Fact]
    public void A_transposed_view_copies_out_in_its_own_order()
    {
        using Tensor x = Tensor.FromSpan([1, 2, 3, 4, 5, 6], [2, 3]);
        using Tensor transposed = Aten.T(x);
        var values = new float[6];
        transposed.CopyTo(values);
        Assert.Equal([1, 4, 2, 5, 3, 6], values);
        Assert.False(transposed.IsContiguous);
        Assert.Throws<InvalidOperationException>(() => transposed.View(6));
    }

    [Fact]
    public void Types_convert_when_copied()
    {
        using Tensor x = Tensor.Empty([3], DType.Float64);
        x.CopyFrom([1.5f, -2, 3]);
        var values = new float[3];
        x.CopyTo(values);
        Assert.Equal([1.5f, -2, 3], values);
        using Tensor n = Tensor.Zeros([3], DType.Int64);
        n.CopyFrom(x);
        n.CopyTo(values);
        Assert.Equal([1, -2, 3], values);
    }

    [Theory]
    [InlineData(DType.UInt8, 1)]
    [InlineData(DType.Bool, 1)]
    [InlineData(DType.Float32, 4)]
    [InlineData(DType.Float64, 8)]
    [InlineData(DType.Int64, 8)]
    internal void Types_are_numbered_as_libtorch_numbers_them(DType type, int bytes)
    {
        using Tensor x = Tensor.Empty([5], type);
        Assert.Equal(type, x.DType);
        Assert.Equal(bytes, type.Size());
    }

    [Fact]
    public void Wrong_sizes_are_refused()
    {
        using Tensor x = Tensor.Zeros([2, 3]);
        Assert.Throws<InvalidOperationException>(() => x.View(4, 2));
        Assert.Throws<InvalidOperationException>(() => x.CopyFrom(new float[5]));
        using Tensor y = Tensor.Zeros([3, 2]);
        Assert.Throws<InvalidOperationException>(() => x.CopyFrom(y));
    }

    [Fact]
    public void Memory_that_does_not_exist_is_an_error_not_a_crash()
    {
        var e = Assert.Throws<TorchException>(() => Tensor.Empty([1L << 46]));
        Assert.Contains("out of memory", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void A_tensor_that_is_dropped_is_freed_by_the_finalizer()
    {
        var meter = new StorageMeter();
        Drop(meter);
        Assert.True(meter.PeakBytes > 0);
        for (int i = 0; i < 50 && meter.Tensors > 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.Equal((0, 0), (meter.Tensors, meter.Bytes));

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Drop(StorageMeter meter)
        {
            using StorageMeter.Scope counted = meter.Count();
            for (int i = 0; i < 10; i++)
            {
                Tensor.Zeros([10]);
            }
        }
    }
}
