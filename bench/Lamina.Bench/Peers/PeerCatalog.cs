using System.Runtime.Intrinsics;

namespace Lamina.Bench;

/// <summary>The peers, and how each is made ready and started.</summary>
internal sealed class PeerCatalog(string python, TextWriter progress)
{
    private const string TorchSharpProject = "Peers.TorchSharp";
    private const string OnnxProject = "Peers.OnnxRuntime";

    private readonly Dictionary<string, Lazy<PeerCommand>> _commands = [];

    public static Peer Lamina { get; } = new("lamina", "Lamina");

    /// <summary>All, Lamina first.</summary>
    public static IReadOnlyList<Peer> All { get; } =
    [
        Lamina,
        new("lamina-half", "Lamina 16-bit dense")
        {
            Trains = false,
            IsExact = false,
            Variant = LaminaInference.HalfVariant,
        },
        new("lamina-int8", "Lamina int8")
        {
            Trains = false,
            IsExact = false,
            Variant = LaminaInteger.Variant,
        },
        new("torchsharp", "TorchSharp"),
        new("pytorch", "PyTorch 1.13") { Variant = "plain" },
        new("pytorch-tuned", "PyTorch 1.13 channels_last") { Variant = "tuned" },
        new("onnxruntime", "ONNX Runtime") { Trains = false, Variant = "float32" },
        new("onnxruntime-int8", "ONNX Runtime int8")
        {
            Trains = false,
            IsExact = false,
            Variant = "int8",
            Rival = "lamina-int8",
        },
    ];

    /// <summary>Whether it is one of Lamina's own ways to do the work.</summary>
    public static bool IsOwn(Peer peer) => peer.Name.Split('-')[0] == Lamina.Name;

    /// <summary>Lamina, and those that were asked for.</summary>
    public static IReadOnlyList<Peer> Of(IReadOnlyCollection<string> names) =>
        [.. All.Where(p => p == Lamina || names.Contains(p.Name))];

    /// <summary>How a peer's worker is started; its project is built first if it has one.</summary>
    /// <exception cref="LaminaException">It cannot be had here; the message says why.</exception>
    public PeerCommand CommandOf(Peer peer)
    {
        string key = peer.Name.Split('-')[0];
        if (!_commands.TryGetValue(key, out Lazy<PeerCommand>? command))
        {
            // A failure is kept as well, and thrown again without trying again.
            _commands[key] = command = new Lazy<PeerCommand>(() =>
                key switch
                {
                    var own when own == Lamina.Name => PeerCommand.Own,
                    "torchsharp" => Project(TorchSharpProject),
                    "onnxruntime" => Project(OnnxProject),
                    _ => Python(),
                }
            );
        }
        return command.Value;
    }

    private PeerCommand Project(string name)
    {
        string folder = Path.Combine(Repository.Root, "bench", name);
        progress.WriteLine($"building bench/{name}");
        string output = Tool.Run("dotnet", ["build", "-c", "Release", "-v", "quiet", "-nologo", folder], out int code);
        if (code != 0)
        {
            throw new LaminaException($"bench/{name} does not build: {Tool.FirstError(output)}");
        }
        return new PeerCommand("dotnet", [Path.Combine(folder, "bin", "Release", "net10.0", $"{name}.dll")]);
    }

    // Debian's build starts with one thread, and its OpenBLAS does not know new processors: both are set for it.
    private PeerCommand Python()
    {
        string output = Tool.Run(python, ["-c", "import numpy, torch; print(torch.__version__)"], out int code);
        if (code != 0)
        {
            throw new LaminaException(
                $"{python} has no torch ({output.Trim().Split('\n')[^1]}). Install python3-torch, or name another with --python."
            );
        }
        Dictionary<string, string> environment = new()
        {
            ["OMP_NUM_THREADS"] =
                Environment.GetEnvironmentVariable("OMP_NUM_THREADS") ?? $"{Environment.ProcessorCount}",
        };
        if (Vector256.IsHardwareAccelerated)
        {
            environment["OPENBLAS_CORETYPE"] = Vector512.IsHardwareAccelerated ? "SkylakeX" : "Haswell";
        }
        string script = Path.Combine(Repository.Root, "bench", "Peers.PyTorch", "peer.py");
        return new PeerCommand(python, [script]) { Environment = environment };
    }
}
