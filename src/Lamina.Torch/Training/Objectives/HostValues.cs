namespace Lamina.Torch;

/// <summary>Reads the values of a plan's results.</summary>
internal static class HostValues
{
    /// <summary>Returns the values of a tensor: its own memory on the CPU, valid while it lives, or a copy.</summary>
    public static ReadOnlySpan<float> Of(Tensor tensor)
    {
        if (tensor.Device.IsCpu)
        {
            HostReads.Add();
            return tensor.AsSpan();
        }
        var values = new float[tensor.Count];
        tensor.CopyTo(values);
        return values;
    }
}
