namespace Lamina.Torch.Cpu;

/// <summary>The weights of one part of a chain in one step.</summary>
/// <param name="Packed">The packed kernel.</param>
/// <param name="Stage">The operations on each sum.</param>
internal readonly record struct RowWeights(Tensor Packed, OutputStage Stage);
