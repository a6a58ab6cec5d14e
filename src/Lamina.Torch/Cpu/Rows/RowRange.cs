namespace Lamina.Torch.Cpu;

/// <summary>Neighboring rows of an image.</summary>
/// <param name="First">The first row.</param>
/// <param name="End">The row after the last.</param>
internal readonly record struct RowRange(int First, int End)
{
    /// <summary>The number of rows.</summary>
    public int Count => End - First;
}
