namespace Lamina.Torch.Tests.Goldens;

/// <summary>The values that make_family.py makes instead of storing them, bit for bit.</summary>
internal static class MadeValues
{
    /// <summary>32 well-mixed bits of an index: MurmurHash3's last steps.</summary>
    public static uint Bits(int key, int index)
    {
        uint h = unchecked((uint)index + ((uint)key * 0x9E3779B9u));
        h ^= h >> 16;
        h *= 0x85EBCA6Bu;
        h ^= h >> 13;
        h *= 0xC2B2AE35u;
        return h ^ (h >> 16);
    }

    /// <summary>Values from middle − reach to below middle + reach.</summary>
    public static float[] Of(int key, long count, double middle = 0, double reach = 1)
    {
        var values = new float[count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(middle + (reach * (((Bits(key, i) >> 8) / 8388608.0) - 1)));
        }
        return values;
    }
}
