namespace Lamina.Torch.Cpu;

/// <summary>A convolution that can compute some rows of one image from some rows of its input.</summary>
internal unsafe interface IRowAlgorithm
{
    /// <summary>The height and width of an output image, and its channels.</summary>
    (Size2 Size, int Channels) Output { get; }

    /// <summary>The height and width of an input image, and its channels.</summary>
    (Size2 Size, int Channels) Input { get; }

    /// <summary><see langword="true"/> for a kernel of 1×1, <see langword="false"/> for a window over channels of their own.</summary>
    bool IsPointwise { get; }

    /// <summary>Returns the rows of the input that some rows of the output depend on.</summary>
    /// <param name="rows">The rows of the output.</param>
    RowRange Reads(RowRange rows);

    /// <summary>Computes rows of the output.</summary>
    /// <param name="input">The address at which row 0 of the input would lie; rows that are not read need not exist.</param>
    /// <param name="packed">The packed kernel.</param>
    /// <param name="stage">The operations on each sum, with positions from row 0 of the output on.</param>
    /// <param name="output">The address at which row 0 of the output would lie.</param>
    /// <param name="rows">The rows.</param>
    void ComputeRows(float* input, float* packed, in OutputStage stage, float* output, RowRange rows);
}
