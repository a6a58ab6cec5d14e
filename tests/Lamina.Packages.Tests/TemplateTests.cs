using System.Diagnostics;
using System.Net.Http.Headers;

namespace Lamina.Packages.Tests;

/// <summary>The project that the template makes, built from the packages in an empty folder.</summary>
public sealed class TemplateTests(Feed feed)
{
    [Fact]
    public async Task A_project_of_the_template_builds_trains_evaluates_predicts_and_serves()
    {
        string folder = feed.Empty();
        string hive = Path.Combine(folder, "hive");
        string project = Path.Combine(folder, "Flowers");
        string package = Path.Combine(feed.Folder, $"Lamina.Templates.{Feed.Version}.nupkg");
        await Command.RunAsync(folder, "dotnet", "new", "install", package, "--debug:custom-hive", hive);
        await Command.RunAsync(
            folder,
            "dotnet",
            "new",
            "lamina-classifier",
            "-o",
            "Flowers",
            "--no-restore",
            "--debug:custom-hive",
            hive
        );
        await Command.RunAsync(
            project,
            "dotnet",
            "build",
            "-c",
            "Release",
            $"-p:RestoreAdditionalProjectSources={feed.Folder}",
            $"-p:RestorePackagesPath={feed.Cache}",
            $"-p:RestoreFallbackFolders={Feed.UserCache}"
        );
        string program = Directory
            .EnumerateFiles(
                Path.Combine(project, "bin"),
                OperatingSystem.IsWindows() ? "Flowers.exe" : "Flowers",
                SearchOption.AllDirectories
            )
            .Single();
        Assert.Empty(Directory.EnumerateFiles(Path.GetDirectoryName(program)!, "*torch_python*"));

        Images.Write(Path.Combine(folder, "photos"), perClass: 40);
        Assert.Contains(
            "test accuracy",
            await Command.RunAsync(folder, program, "train", "photos", "1"),
            StringComparison.Ordinal
        );
        Assert.Contains("images ", await Command.RunAsync(folder, program, "evaluate"), StringComparison.Ordinal);
        string image = Path.Combine("photos", "dark", "0.png");
        Assert.Contains("dark", await Command.RunAsync(folder, program, "predict", image), StringComparison.Ordinal);

        int port = FreePort();
        using Process server = Command.Start(folder, program, "serve", $"{port}");
        try
        {
            // The host's own log lines come before or between.
            string? line;
            do
            {
                line = await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            } while (line is not null && !line.StartsWith("serving at ", StringComparison.Ordinal));
            Assert.NotNull(line);
            using var client = new HttpClient
            {
                BaseAddress = new Uri($"http://localhost:{port}"),
                Timeout = TimeSpan.FromMinutes(2),
            };
            await ReadyAsync(client, TestContext.Current.CancellationToken);
            using var content = new ByteArrayContent(
                await File.ReadAllBytesAsync(Path.Combine(folder, image), TestContext.Current.CancellationToken)
            );
            content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            content.Headers.Add("Inference-Header-Content-Length", "0");
            using HttpResponseMessage answer = await client.PostAsync(
                new Uri("v2/models/classifier/infer", UriKind.Relative),
                content,
                TestContext.Current.CancellationToken
            );
            string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode, text);
            Assert.Contains("\"outputs\"", text, StringComparison.Ordinal);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Waits until the model is loaded and warmed up, as a load balancer would.</summary>
    private static async Task ReadyAsync(HttpClient client, CancellationToken cancellation)
    {
        for (int i = 0; i < 600; i++)
        {
            using HttpResponseMessage answer = await client.GetAsync(
                new Uri("v2/health/ready", UriKind.Relative),
                cancellation
            );
            if (answer.IsSuccessStatusCode)
            {
                return;
            }
            await Task.Delay(100, cancellation);
        }
        Assert.Fail("The server is not ready after a minute.");
    }

    /// <summary>A port that is free, as is the next one, at the moment of asking.</summary>
    private static int FreePort()
    {
        for (; ; )
        {
            using var first = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
            first.Start();
            int port = ((System.Net.IPEndPoint)first.LocalEndpoint).Port;
            using var second = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, port + 1);
            try
            {
                second.Start();
                return port;
            }
            catch (System.Net.Sockets.SocketException) { }
        }
    }
}
