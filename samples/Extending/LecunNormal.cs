using System.Text.Json.Nodes;
using Lamina;

namespace Extending;

/// <summary>Normal draws with a variance of 1 / fan-in (LeCun et al. 1998), which keeps the variance of activations.</summary>
internal sealed record LecunNormal : Initializer
{
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random)
    {
        double deviation = Math.Sqrt(1 / Fans(shape).FanIn);
        foreach (ref float value in values)
        {
            value = (float)(deviation * random.NextNormal());
        }
    }

    // No arguments: Initializers.Register(nameof(LecunNormal), _ => new LecunNormal()) reads it back.
    public override JsonObject GetConfig() => [];
}
