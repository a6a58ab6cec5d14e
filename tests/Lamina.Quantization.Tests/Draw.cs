using Lamina.Torch;

namespace Lamina.Quantization.Tests;

/// <summary>Random numbers for the tests of bytes.</summary>
internal static class Draw
{
    public static Tensor Bytes(long seed, params ReadOnlySpan<long> sizes)
    {
        Tensor x = Tensor.Empty(sizes, DType.UInt8);
        var random = new RandomStream(seed, RandomPurpose.User);
        foreach (ref byte value in x.WriteElements<byte>())
        {
            // The ends come often: there the sums are largest.
            int drawn = random.NextInt32(320);
            value = (byte)(drawn > 255 ? (drawn & 1) * 255 : drawn);
        }
        return x;
    }

    public static sbyte[] Weights(long seed, int count)
    {
        var weights = new sbyte[count];
        var random = new RandomStream(seed, RandomPurpose.User, 1);
        foreach (ref sbyte value in weights.AsSpan())
        {
            int drawn = random.NextInt32(300);
            value = (sbyte)(drawn > 254 ? ((drawn & 1) * 254) - 127 : drawn - 127);
        }
        return weights;
    }

    public static float[] Floats(long seed, int count, float low, float high)
    {
        var values = new float[count];
        var random = new RandomStream(seed, RandomPurpose.User, 2);
        foreach (ref float value in values.AsSpan())
        {
            value = low + ((high - low) * random.NextSingle());
        }
        return values;
    }

    public static QuantizedModel Quantized(
        Model model,
        NDArray samples,
        QuantizeOptions? options = null,
        CancellationToken? cancellation = null
    ) => model.Quantize(samples, options, cancellation ?? TestContext.Current.CancellationToken);

    /// <summary>A byte as the engine rounds it.</summary>
    public static byte Round(double value) => (byte)Math.Round(Math.Clamp(value, 0, 255), MidpointRounding.ToEven);
}
