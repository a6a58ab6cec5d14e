namespace Lamina.Bench;

/// <summary>What suites are given: what was asked for, and models in files.</summary>
internal sealed class SuiteContext(BenchSettings settings, PeerCatalog peers, TextWriter progress) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lamina-bench-").FullName;
    private readonly HashSet<string> _written = [];

    public BenchSettings Settings => settings;

    public PeerCatalog Peers => peers;

    public TextWriter Progress => progress;

    /// <summary>The models to measure, by their names in the zoo.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>The batches to measure; <see langword="null"/> for the suite's own.</summary>
    public IReadOnlyList<int>? Batches { get; init; }

    /// <summary>The numbers of threads to measure; <see langword="null"/> for the suite's own.</summary>
    public int[]? Threads { get; init; }

    /// <summary>The height and width of the images in <c>train</c> and <c>infer</c>.</summary>
    public required int Input { get; init; }

    /// <summary>The number of ranks to measure beside one.</summary>
    public int Ranks { get; init; } = 2;

    /// <summary>The folder for traces; <see langword="null"/> for none that is kept.</summary>
    public string? Traces { get; init; }

    /// <summary>A folder that goes when the bench ends.</summary>
    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    /// <summary>The folder that a model will be in, once <see cref="Write"/> was called.</summary>
    public string ModelFolder(string name, int input) => Path.Combine(_folder, $"{name}-{input}");

    /// <summary>Writes a model's files, once.</summary>
    public void Write(string name, int input)
    {
        string folder = ModelFolder(name, input);
        if (_written.Add(folder))
        {
            ModelExport.Write(name, input, folder, forPeers: settings.Peers.Count > 0);
            // The weights, some hundred megabytes, are in files now, and workers want the memory.
            GC.Collect();
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
