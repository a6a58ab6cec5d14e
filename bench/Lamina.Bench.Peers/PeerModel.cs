using System.Text.Json;

namespace Lamina.Bench.Peers;

/// <summary>One layer of a <see cref="PeerModel"/>; which numbers count depends on its kind.</summary>
public sealed record PeerLayer
{
    public const string Convolution = "convolution";
    public const string Dense = "dense";
    public const string Relu = "relu";
    public const string BatchNormalization = "batch_normalization";
    public const string ResponseNormalization = "response_normalization";
    public const string MaxPool = "max_pool";
    public const string AdaptiveAveragePool = "adaptive_average_pool";
    public const string Flatten = "flatten";
    public const string Dropout = "dropout";

    /// <summary>One of the constants.</summary>
    public required string Kind { get; init; }

    /// <summary>What its weights' names begin with: <c>conv2d_1.kernel</c>, <c>conv2d_1.bias</c>.</summary>
    public string Name { get; init; } = "";

    public int Inputs { get; init; }

    public int Outputs { get; init; }

    /// <summary>The side of a square window.</summary>
    public int Window { get; init; }

    public int Strides { get; init; } = 1;

    public int Groups { get; init; } = 1;

    /// <summary>Whether a convolution adds a bias.</summary>
    public bool HasBias { get; init; } = true;

    /// <summary>Pixels before and after, both ways.</summary>
    public int PadBefore { get; init; }

    public int PadAfter { get; init; }

    /// <summary>Dropout's rate.</summary>
    public double Rate { get; init; }

    /// <summary>What batch normalisation keeps of its moving averages, as Keras counts it.</summary>
    public double Momentum { get; init; }

    public double Epsilon { get; init; }

    /// <summary>Response normalisation's α, which multiplies the mean of squares, as PyTorch has it.</summary>
    public double Alpha { get; init; }

    public double Beta { get; init; }

    public double K { get; init; }
}

/// <summary>
/// A chain of layers from images to logits, in words that every peer understands. Beside it lie the weights (safetensors) in
/// PyTorch's layouts: kernels (out, in / groups, height, width), dense (out, in) for an input flattened as (C, H, W).
/// </summary>
public sealed record PeerModel
{
    private const string FileName = "peer-model.json";
    private const string WeightsName = "peer-weights.safetensors";
    private const string GraphName = "peer-graph.onnx";

    public required string Name { get; init; }

    /// <summary>The side of the square images.</summary>
    public required int Input { get; init; }

    public required int Channels { get; init; }

    public required int Classes { get; init; }

    public required IReadOnlyList<PeerLayer> Layers { get; init; }

    public static string WeightsPath(string folder) => Path.Combine(folder, WeightsName);

    /// <summary>The ONNX file of a network that is not a chain; its layers are not described here.</summary>
    public static string GraphPath(string folder) => Path.Combine(folder, GraphName);

    public void Save(string folder) =>
        File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, JsonSerializerOptions.Web));

    public static PeerModel Load(string folder) =>
        JsonSerializer.Deserialize<PeerModel>(
            File.ReadAllText(Path.Combine(folder, FileName)),
            JsonSerializerOptions.Web
        ) ?? throw new InvalidDataException($"{folder} holds no model.");
}
