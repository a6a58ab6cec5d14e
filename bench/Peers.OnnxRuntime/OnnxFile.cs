using System.Diagnostics;
using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace Lamina.Bench.Peers;

/// <summary>The model's file.</summary>
internal static class OnnxFile
{
    /// <summary>The request's kind that makes a process write the file and end.</summary>
    public const string Kind = "write";

    private const int CalibrationImages = 16;

    /// <summary>Writes the file in a process of its own, so that what that takes does not count as the session's memory.</summary>
    /// <returns>Its path.</returns>
    public static string WriteApart(PeerRequest request)
    {
        string[] arguments = [typeof(OnnxFile).Assembly.Location, (request with { Kind = Kind }).ToJson()];
        using Process process = Process.Start(Environment.ProcessPath!, arguments);
        process.WaitForExit();
        return process.ExitCode == 0
            ? PathOf(request)
            : throw new InvalidDataException("The ONNX file is not written; the process that should said why.");
    }

    /// <summary>Writes the file.</summary>
    public static void Write(PeerRequest request)
    {
        var model = PeerModel.Load(request.Folder);
        var weights = new PeerWeights(request.Folder);
        OnnxExport export =
            request.Variant == "int8"
                ? new QuantizedExport(model, weights, request.Batch, Calibrate(request.Folder, model, weights))
                : new OnnxExport(model, weights, request.Batch);
        OnnxGraph graph = export.Build();
        File.WriteAllBytes(PathOf(request), graph.ToModel(graph.Last));
    }

    private static string PathOf(PeerRequest request) =>
        Path.Combine(request.Folder, $"peer-{request.Variant}-{request.Batch}.onnx");

    /// <summary>A batch as a session takes it.</summary>
    public static OrtValue Images(string folder, PeerModel model, int batch) =>
        OrtValue.CreateTensorValueFromMemory(
            PeerImages.Read(folder, model, batch, channelsFirst: true),
            [batch, model.Channels, model.Input, model.Input]
        );

    /// <summary>The least and greatest values of everything that the float32 model computes for some images.</summary>
    private static Dictionary<string, (float Least, float Greatest)> Calibrate(
        string folder,
        PeerModel model,
        PeerWeights weights
    )
    {
        var export = new OnnxExport(model, weights, CalibrationImages);
        OnnxGraph graph = export.Build();
        string[] outputs = [.. export.Tensors.Distinct()];
        using var session = new InferenceSession(graph.ToModel(outputs));
        using OrtValue images = Images(folder, model, CalibrationImages);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(
            options,
            [OnnxGraph.Images],
            [images],
            outputs
        );
        Dictionary<string, (float Least, float Greatest)> ranges = new()
        {
            [OnnxGraph.Images] = Range(images.GetTensorDataAsSpan<float>()),
        };
        foreach ((string name, OrtValue value) in outputs.Zip(results))
        {
            ranges[name] = Range(value.GetTensorDataAsSpan<float>());
        }
        return ranges;
    }

    private static (float Least, float Greatest) Range(ReadOnlySpan<float> values) =>
        (TensorPrimitives.Min(values), TensorPrimitives.Max(values));
}
