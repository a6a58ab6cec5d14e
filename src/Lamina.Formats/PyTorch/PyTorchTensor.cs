namespace Lamina;

/// <summary>A tensor of a .pth file.</summary>
internal sealed record PyTorchTensor(string Name, PickleTensor View)
    : SourceTensor(Name, View.Type, View.TypeName, View.Sizes)
{
    /// <summary>The size of its elements in bytes.</summary>
    public long Bytes => Count * Type.Size();

    /// <summary><see langword="true"/> if its elements are in order without gaps in its storage.</summary>
    public bool IsContiguous
    {
        get
        {
            long expected = 1;
            for (int i = View.Sizes.Length - 1; i >= 0; i--)
            {
                if (View.Sizes[i] != 1 && View.Strides[i] != expected)
                {
                    return Count == 0;
                }
                expected *= View.Sizes[i];
            }
            return true;
        }
    }
}
