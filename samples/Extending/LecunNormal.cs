using Lamina;

namespace Extending;

/// <summary>Normal draws with a variance of 1 / fan-in (LeCun et al. 1998), which keeps the variance of activations.</summary>
internal sealed record LecunNormal : Initializer, IFromConfig<LecunNormal>
{
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random)
    {
        double deviation = Math.Sqrt(1 / Fans(shape).FanIn);
        foreach (ref float value in values)
        {
            value = (float)(deviation * random.NextNormal());
        }
    }

    /// <summary>Creates the initializer of a saved model: <c>Initializers.Register&lt;LecunNormal&gt;()</c>. It has no arguments.</summary>
    public static LecunNormal FromConfig(LayerConfigReader config) => new();
}
