using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>A worker process: one peer with one workload, so that its memory is its own and libraries do not meet.</summary>
internal sealed class WorkerContender(string name, Func<PeerCommand> find, PeerRequest request) : IContender
{
    private readonly List<string> _errors = [];
    private Process? _process;

    public string Name => name;

    public async Task StartAsync(CancellationToken cancellation)
    {
        PeerCommand command = find();
        var start = new ProcessStartInfo(command.Program, [.. command.Arguments, request.ToJson()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach ((string variable, string value) in command.Environment)
        {
            start.Environment[variable] = value;
        }
        _process = Process.Start(start) ?? throw new LaminaException($"{name}: {command.Program} does not start.");
        _process.ErrorDataReceived += (_, e) =>
        {
            if (!string.IsNullOrWhiteSpace(e.Data))
            {
                lock (_errors)
                {
                    _errors.Add(e.Data);
                }
            }
        };
        _process.BeginErrorReadLine();
        await ReplyAsync(cancellation).ConfigureAwait(false);
    }

    public Task<PeerReply> MeasureAsync(double seconds, CancellationToken cancellation) =>
        AskAsync($"run {seconds.ToString(CultureInfo.InvariantCulture)}", cancellation);

    /// <summary>The probabilities that it computes for its batch.</summary>
    public async Task<float[]> OutputAsync(CancellationToken cancellation)
    {
        string file = Path.GetTempFileName();
        try
        {
            await AskAsync($"output {file}", cancellation).ConfigureAwait(false);
            byte[] bytes = await File.ReadAllBytesAsync(file, cancellation).ConfigureAwait(false);
            return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task<PeerReply> AskAsync(string line, CancellationToken cancellation)
    {
        try
        {
            await _process!.StandardInput.WriteLineAsync(line.AsMemory(), cancellation).ConfigureAwait(false);
            await _process.StandardInput.FlushAsync(cancellation).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // It has ended; what it said last tells why.
        }
        return await ReplyAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<PeerReply> ReplyAsync(CancellationToken cancellation)
    {
        // Libraries print what they like; a reply is an object on a line.
        while (await _process!.StandardOutput.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line)
        {
            if (line.StartsWith('{'))
            {
                var reply = PeerReply.FromJson(line);
                return reply.Error.Length == 0 ? reply : throw new LaminaException($"{name}: {reply.Error}");
            }
        }
        await _process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        string last;
        lock (_errors)
        {
            last = _errors.Count > 0 ? _errors[^1] : "it said nothing";
        }
        throw new LaminaException($"{name}: the process ended with {_process.ExitCode}: {last}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
        {
            return;
        }
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _process.Dispose();
    }
}
