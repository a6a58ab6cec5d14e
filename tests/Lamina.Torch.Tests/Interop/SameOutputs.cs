namespace Lamina.Torch.Tests.Interop;

internal static class SameOutputs
{
    /// <summary>Two models compute the same, but for the order of sums.</summary>
    public static void Of(Model expected, Model actual, IReadOnlyList<NDArray> inputs)
    {
        IReadOnlyList<NDArray> a = expected.PredictAll(inputs);
        IReadOnlyList<NDArray> b = actual.PredictAll(inputs);
        Assert.Equal(a.Count, b.Count);
        for (int i = 0; i < a.Count; i++)
        {
            Assert.Equal(a[i].Shape, b[i].Shape);
            float scale = a[i].Values.ToArray().Max(Math.Abs);
            for (int k = 0; k < a[i].Values.Length; k++)
            {
                Assert.Equal(a[i].Values[k], b[i].Values[k], 1e-6 * scale);
            }
        }
    }
}
