using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Lamina.Cli.Tests;

/// <summary>Training on shards of a server, which fails in the middle.</summary>
public sealed class RemoteShardTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_lost_server_ends_the_run_with_one_line_and_a_resume_ends_as_if_it_had_not()
    {
        _folder.WriteImages("photos/train", perClass: 8);
        _folder.WriteImages("photos/val", perClass: 4);
        Assert.Equal(
            0,
            Alexnet
                .Run([
                    .. (string[])["pack", _folder["photos"], _folder["packed"]],
                    .. (string[])["--images-per-shard", "6", "--raw", "--side", "160"],
                ])
                .Code
        );
        IEnumerable<(string, byte[])> files = Directory
            .EnumerateFiles(_folder["packed"])
            .Select(f => ($"/packed/{Path.GetFileName(f)}", File.ReadAllBytes(f)));
        int left = int.MaxValue;
        using var server = new UnreliableServer(
            files,
            (_, _) => Interlocked.Decrement(ref left) < 0 ? Fault.Drop : Fault.None
        );
        string data = server.Address + "/packed";
        // Memory holds less than the images, so each epoch reads the server.
        string[] common = ["--epochs", "2", "--batch", "8", "--cache-mb", "0"];
        Outcome whole = Run(["train", data, .. common, "--output", _folder["whole"]]);
        Assert.Equal((0, ""), (whole.Code, whole.Error));
        Assert.Contains("16 images to train on, 8 to test on, 2 classes", whole.Output, StringComparison.Ordinal);

        // A run makes about as many requests again; the last epoch makes a third of them.
        Interlocked.Exchange(ref left, server.Requests * 8 / 10);
        Outcome cut = Run(["train", data, .. common, "--output", _folder["cut"]]);
        Assert.Equal(1, cut.Code);
        Assert.StartsWith(server.Address + "/packed/", cut.ErrorLine, StringComparison.Ordinal);
        Assert.Contains("cannot be read after 2 attempts (", cut.ErrorLine, StringComparison.Ordinal);
        Interlocked.Exchange(ref left, int.MaxValue);
        Outcome resumed = Run(["train", "--resume", _folder["cut"]]);
        Assert.Equal((0, ""), (resumed.Code, resumed.Error));
        Assert.Equal(Result("whole"), Result("cut"));
    }

    private static Outcome Run(string[] args)
    {
        using Process process = Alexnet.StartWith(
            [
                new("LAMINA_HTTP_ATTEMPTS", "2"),
                new("LAMINA_HTTP_MB", "1"),
                // Without indexes that an earlier run kept.
                new(
                    "XDG_CACHE_HOME",
                    Path.Combine(Path.GetDirectoryName(args[^1])!, $"cache-{Path.GetFileName(args[^1])}")
                ),
            ],
            "dotnet",
            [Alexnet.Assembly, .. args]
        );
        return Alexnet.Finish(process);
    }

    private string Result(string run) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(_folder[run], "run.json")))!["result"]!["loss"]!.ToJsonString();
}
