namespace Lamina;

/// <summary>The supported operators, each with its import.</summary>
internal static class OnnxOperators
{
    public static IReadOnlyDictionary<string, Action<ImportedNode, ImportContext>> All { get; } =
        new Dictionary<string, Action<ImportedNode, ImportContext>>(StringComparer.Ordinal)
        {
            ["Add"] = ArithmeticImport.Add,
            ["AveragePool"] = PoolImport.Average,
            ["BatchNormalization"] = NormalizationImport.Batch,
            ["Cast"] = LayoutImport.Cast,
            ["Clip"] = ActivationImport.Clip,
            ["Concat"] = LayoutImport.Concat,
            ["Constant"] = LayoutImport.Constant,
            ["Conv"] = ConvolutionImport.Read,
            ["Div"] = ArithmeticImport.Divide,
            ["Dropout"] = LayoutImport.Dropout,
            ["Elu"] = ActivationImport.Elu,
            ["Erf"] = ActivationImport.Erf,
            ["Exp"] = ActivationImport.Named,
            ["Flatten"] = LayoutImport.Flatten,
            ["Gelu"] = ActivationImport.Named,
            ["Gemm"] = LinearImport.Gemm,
            ["GlobalAveragePool"] = PoolImport.GlobalAverage,
            ["GlobalMaxPool"] = PoolImport.GlobalMax,
            ["HardSigmoid"] = ActivationImport.HardSigmoid,
            ["HardSwish"] = ActivationImport.HardSwish,
            ["If"] = BranchImport.If,
            ["Identity"] = LayoutImport.Identity,
            ["LRN"] = NormalizationImport.LocalResponse,
            ["LeakyRelu"] = ActivationImport.LeakyRelu,
            ["MatMul"] = LinearImport.MatMul,
            ["MaxPool"] = PoolImport.Max,
            ["Mean"] = ArithmeticImport.MeanOfInputs,
            ["Mul"] = ArithmeticImport.Multiply,
            ["PRelu"] = ActivationImport.PRelu,
            ["Pad"] = LayoutImport.Pad,
            ["ReduceMean"] = ArithmeticImport.ReduceMean,
            ["Relu"] = ActivationImport.Named,
            ["Reshape"] = LayoutImport.Reshape,
            ["Selu"] = ActivationImport.Selu,
            ["Sigmoid"] = ActivationImport.Named,
            ["Slice"] = LayoutImport.Slice,
            ["Softmax"] = ActivationImport.Softmax,
            ["Softplus"] = ActivationImport.Named,
            ["Softsign"] = ActivationImport.Named,
            ["Split"] = LayoutImport.Split,
            ["Squeeze"] = LayoutImport.Squeeze,
            ["Sub"] = ArithmeticImport.Subtract,
            ["Sum"] = ArithmeticImport.Add,
            ["Tanh"] = ActivationImport.Named,
            ["Transpose"] = LayoutImport.Transpose,
            ["Unsqueeze"] = LayoutImport.Unsqueeze,
        };

    public static IEnumerable<string> Names => All.Keys;
}
