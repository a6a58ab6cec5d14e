using Lamina;

namespace Extending;

/// <summary>Noisy gray images of 8×8 pixels with one bright stripe: class 0 horizontal, class 1 vertical.</summary>
internal static class Stripes
{
    public static (NDArray X, NDArray Y) Make(int samples)
    {
        var random = new RandomStream(3, RandomPurpose.User);
        var x = new NDArray([samples, 8, 8, 1]);
        var y = new NDArray([samples]);
        for (int i = 0; i < samples; i++)
        {
            int stripe = random.NextInt32(8);
            y.Values[i] = i % 2;
            for (int p = 0; p < 64; p++)
            {
                bool bright = (i % 2 == 0 ? p / 8 : p % 8) == stripe;
                x.Values[(i * 64) + p] = random.NextSingle() + (bright ? 1 : 0);
            }
        }
        return (x, y);
    }
}
