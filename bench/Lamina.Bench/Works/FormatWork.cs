using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>A model's weights from a file or to one; work is files.</summary>
internal sealed class FormatWork : IPeerWork
{
    public const string PyTorchLoad = "pth-load";
    public const string PyTorchSave = "pth-save";
    public const string SafetensorsLoad = "safetensors-load";
    public const string SafetensorsSave = "safetensors-save";

    /// <summary>The zoo's model, which PyTorch's world has too.</summary>
    public const string Member = "owt";

    private readonly Model _model = Build();
    private readonly Action _run;

    /// <param name="request">The folder holds what <see cref="Write"/> wrote.</param>
    public FormatWork(PeerRequest request)
    {
        string file = Path.Combine(request.Folder, request.Kind);
        _run = request.Kind switch
        {
            PyTorchLoad => () => PyTorchFile.LoadWeights(_model, PyTorchPath(request.Folder), s_options),
            PyTorchSave => () => PyTorchFile.SaveWeights(_model, file, s_options),
            SafetensorsLoad => () => SafetensorsFile.LoadWeights(_model, SafetensorsPath(request.Folder)),
            _ => () => SafetensorsFile.SaveWeights(_model, file),
        };
        Run();
    }

    private static readonly PyTorchOptions s_options = new() { Modules = Zoo.Member(Member).PyTorchModules };

    /// <summary>The .pth file in a folder.</summary>
    public static string PyTorchPath(string folder) => Path.Combine(folder, "weights.pth");

    /// <summary>Writes the files that are loaded.</summary>
    public static void Write(string folder)
    {
        Model model = Build();
        PyTorchFile.SaveWeights(model, PyTorchPath(folder), s_options);
        SafetensorsFile.SaveWeights(model, SafetensorsPath(folder));
    }

    // Layers' names count on in a process, and a file of one is loaded by another.
    private static Model Build()
    {
        Session.Clear();
        return Zoo.Build(Member);
    }

    private static string SafetensorsPath(string folder) => Path.Combine(folder, "weights.safetensors");

    public double Work => 1;

    public double Run()
    {
        _run();
        return 0;
    }

    public float[] Probabilities() => throw new NotSupportedException("Files have no output.");

    public void Dispose() { }
}
