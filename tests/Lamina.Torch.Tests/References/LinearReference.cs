namespace Lamina.Torch.Tests.References;

/// <summary>y[…, o] = b[o] + Σ x[…, i] · k[i, o].</summary>
internal static class LinearReference
{
    public static Array64 Forward(Array64 x, Array64 kernel, Array64? bias)
    {
        (int inputs, int outputs) = (kernel.Sizes[0], kernel.Sizes[1]);
        var y = new Array64([.. x.Sizes[..^1], outputs]);
        for (int row = 0; row < y.Values.Length / outputs; row++)
        {
            for (int o = 0; o < outputs; o++)
            {
                double sum = bias?[o] ?? 0;
                for (int i = 0; i < inputs; i++)
                {
                    sum += x.Values[(row * inputs) + i] * kernel[i, o];
                }
                y.Values[(row * outputs) + o] = sum;
            }
        }
        return y;
    }
}
