using Lamina.Runs.Text;

namespace Lamina.Runs.Sources;

/// <summary>Preprocessing by the names that users give it: a preset, a JSON file, or an ONNX file.</summary>
internal static class NamedPreprocessing
{
    private const long MostBytes = 1 << 24;
    private const string Cntk = "cntk";
    private static readonly string[] s_colorPresets = ["torch", "caffe", "tf", "raw"];

    /// <summary>The names that need no file.</summary>
    public static IReadOnlyList<string> Names { get; } = ["torchvision", "0-1", "0-255", .. s_colorPresets];

    /// <summary>The names to try on a network of colors that says nothing: the most common first.</summary>
    public static IReadOnlyList<string> Candidates { get; } = ["torch", "caffe", "tf", "0-1", "raw"];

    /// <summary>Returns what a name means for a network.</summary>
    /// <param name="model">The network, of one input of images.</param>
    /// <param name="name">One of <see cref="Names"/>, or the path of a JSON or ONNX file.</param>
    /// <exception cref="LaminaException">The name is unknown, or does not go with the network's input.</exception>
    public static Preprocessing Read(Model model, string name)
    {
        if (
            model.Inputs is not [{ Shape: { Rank: 4 } shape }]
            || shape[1] is not { } height
            || shape[2] is not { } width
            || shape[3] is not { } channels
        )
        {
            throw new LaminaException("preprocessing: the model does not accept images of one size.");
        }
        var plain = new Preprocessing
        {
            Height = height,
            Width = width,
            Channels = channels,
        };
        return name switch
        {
            "torchvision" => SourceModel.Torchvision(model)
                ?? throw new LaminaException("preprocessing: torchvision's is for images of 3 channels."),
            "0-1" => plain,
            "0-255" => plain with { Scale = 1 },
            Cntk => throw new LaminaException(
                "preprocessing: 'cntk' subtracts a mean image. Name the ONNX file that subtracts it, or a JSON file."
            ),
            _ when s_colorPresets.Contains(name) => PreprocessingPresets.Find(name, new Size2(height, width), channels),
            _ when File.Exists(name) => Fitting(OfFile(name, plain), plain, name),
            _ => throw new LaminaException(
                $"preprocessing: '{OneLine.Of(name)}' is not one of {string.Join(", ", Names)}, or an existing file."
            ),
        };
    }

    /// <summary>Reads a short text file.</summary>
    /// <exception cref="LaminaException">It is not there, is a folder or too long.</exception>
    public static string Text(string path)
    {
        if (Directory.Exists(path))
        {
            throw new LaminaException($"{path}: is a folder. Use a text file.");
        }
        try
        {
            return new FileInfo(path).Length <= MostBytes
                ? File.ReadAllText(path)
                : throw new LaminaException($"{path}: has over {MostBytes} bytes.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{path}: cannot be read ({OneLine.Of(e.Message)})", e);
        }
    }

    private static Preprocessing OfFile(string path, Preprocessing plain) =>
        path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)
            ? OfGraph(path, plain)
            : Preprocessing.FromJson(Text(path));

    /// <summary>
    /// A graph that exchanges the order of channels and subtracts a mean image makes of an image of zeros the mean image,
    /// negative, and of one of red alone where red is.
    /// </summary>
    private static Preprocessing OfGraph(string path, Preprocessing plain)
    {
        Model graph = OnnxFile.Import(path).Model;
        Shape image = plain.Shape.Batched(1);
        if (
            plain.Channels != 3
            || graph.Inputs is not [{ Shape: { } input }]
            || graph.Outputs is not [{ Shape: { } output }]
            || !input.Equals(plain.Shape.Batched(null))
            || !output.Equals(input)
        )
        {
            throw new LaminaException(
                $"{path}: does not prepare images of {plain.Shape}. Name the ONNX file that comes with the network."
            );
        }
        var zeros = new NDArray(image);
        NDArray offset = graph.Predict(zeros);
        bool isBgr = IsAffine(graph, zeros, offset, red: 2);
        if (!isBgr && !IsAffine(graph, zeros, offset, red: 0))
        {
            throw new LaminaException(
                $"{path}: does more to images than to order channels and to subtract a mean. Describe it in a JSON file."
            );
        }
        float[] mean = [.. offset.Values.ToArray().Select(v => -v)];
        var result = plain with
        {
            Scale = 1,
            ChannelOrder = isBgr ? ChannelOrder.Bgr : ChannelOrder.Rgb,
            MeanImage = new MeanImage(plain.Height, plain.Width, plain.Channels, mean),
        };
        result.Validate();
        return result;
    }

    // Whether red, green and blue of 100, 150 and 250 are added to the offset, red at a place.
    private static bool IsAffine(Model graph, NDArray zeros, NDArray offset, int red)
    {
        float[] color = [100, 150, 250];
        var colored = new NDArray(zeros.Shape);
        for (int i = 0; i < colored.Values.Length; i++)
        {
            colored.Values[i] = color[i % 3];
        }
        ReadOnlySpan<float> made = graph.Predict(colored).Values;
        for (int i = 0; i < made.Length; i++)
        {
            float wanted = offset.Values[i] + color[red == 0 ? i % 3 : 2 - (i % 3)];
            if (Math.Abs(made[i] - wanted) > 0.01f)
            {
                return false;
            }
        }
        return true;
    }

    private static Preprocessing Fitting(Preprocessing read, Preprocessing plain, string file) =>
        read.Shape.Equals(plain.Shape)
            ? read
            : throw new LaminaException($"{file}: prepares images of {read.Shape}, the model accepts {plain.Shape}.");
}
