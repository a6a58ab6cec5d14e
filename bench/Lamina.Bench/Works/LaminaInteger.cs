using System.Diagnostics;
using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>Lamina's int8 inference, from the file of a quantized model.</summary>
internal sealed class LaminaInteger : IPeerWork
{
    public const string Variant = "int8";

    private readonly QuantizedModel _model;
    private readonly NDArray _images;

    public LaminaInteger(PeerRequest request)
    {
        var description = PeerModel.Load(request.Folder);
        _images = LaminaWork.ImagesOf(description, request, request.Batch);
        _model = QuantizedModel.Load(QuantizedFileWork.WriteApart(request));
        Run();
    }

    public double Work => _images.Count;

    public double Run() => _model.Predict(_images, _images.Count).Values[0];

    public float[] Probabilities() => _model.Predict(_images, _images.Count).Values.ToArray();

    public void Dispose() => _model.Dispose();
}

/// <summary>
/// Quantizes the model and writes its file, calibrated by the images that ONNX Runtime's is calibrated by; in a process of its
/// own, so that what that takes does not count as the inference's memory.
/// </summary>
internal sealed class QuantizedFileWork : IPeerWork
{
    public const string Kind = "quantize";

    private const int CalibrationImages = 16;

    public QuantizedFileWork(PeerRequest request)
    {
        Model model = ModelFile.Load(ModelExport.LaminaPath(request.Folder)).Model;
        var description = PeerModel.Load(request.Folder);
        using QuantizedModel quantized = model.Quantize(
            LaminaWork.ImagesOf(description, request, CalibrationImages),
            new QuantizeOptions { BatchSize = CalibrationImages }
        );
        quantized.Save(PathOf(request));
    }

    /// <summary>The file, which is written first if it is not there.</summary>
    public static string WriteApart(PeerRequest request)
    {
        string path = PathOf(request);
        if (!Path.Exists(path))
        {
            PeerCommand own = PeerCommand.Own;
            string json = (request with { Kind = Kind }).ToJson();
            var start = new ProcessStartInfo(own.Program, [.. own.Arguments, json])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            };
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            string line = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new LaminaException($"The model is not quantized: {PeerReply.FromJson(line).Error}");
            }
        }
        return path;
    }

    private static string PathOf(PeerRequest request) => Path.Combine(request.Folder, "lamina-int8");

    public double Work => 1;

    public double Run() => throw new NotSupportedException("The file is written once.");

    public float[] Probabilities() => throw new NotSupportedException("Writing a file has no output.");

    public void Dispose() { }
}
