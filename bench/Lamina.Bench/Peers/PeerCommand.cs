namespace Lamina.Bench;

/// <summary>How a worker process is started; the request's JSON is added to its arguments.</summary>
internal sealed record PeerCommand(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>Variables that are set for it.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>This program's own worker.</summary>
    public static PeerCommand Own { get; } = OfOwn();

    private static PeerCommand OfOwn()
    {
        string program = System.Environment.ProcessPath!;
        // `dotnet Lamina.Bench.dll` runs in a process that is called dotnet.
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? new PeerCommand(program, [typeof(PeerCommand).Assembly.Location, "worker"])
            : new PeerCommand(program, ["worker"]);
    }
}
