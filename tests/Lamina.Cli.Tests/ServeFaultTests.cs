using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Lamina.Cli.Tests;

/// <summary><c>alexnet serve</c> that is asked to end, or killed, while clients ask.</summary>
public sealed class ServeFaultTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _model;
    private readonly byte[] _image;

    public ServeFaultTests()
    {
        _model = SmallModel.Write(_folder);
        string data = _folder.WriteImages("data", perClass: 1);
        _image = File.ReadAllBytes(Directory.GetFiles(data, "*", SearchOption.AllDirectories)[0]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SIGTERM_under_load_loses_no_request_that_was_accepted()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Signals of Unix.");
        CancellationToken token = TestContext.Current.CancellationToken;
        using Process server = Start(port: 0);
        Task<string> log = server.StandardError.ReadToEndAsync(token);
        Uri address = await AddressOf(server);
        Task<int>[] clients = Clients(address);
        await Task.Delay(500, token);
        using Process kill = Process.Start("kill", ["-TERM", $"{server.Id}"]);
        int[] answered = await Task.WhenAll(clients).WaitAsync(TimeSpan.FromMinutes(1), token);
        await server.WaitForExitAsync(token);
        Assert.Equal(0, server.ExitCode);
        // What the server computed, clients have got: it logs every request with its status.
        string[] lines =
        [
            .. (await log).Split('\n').Where(l => l.Contains("POST /v2/models/", StringComparison.Ordinal)),
        ];
        Assert.All(lines, l => Assert.Contains(" 200 ", l, StringComparison.Ordinal));
        Assert.InRange(answered.Sum(), 1, int.MaxValue);
        Assert.Equal(lines.Length, answered.Sum());
    }

    [Fact]
    public async Task After_SIGKILL_clients_see_an_error_and_the_port_serves_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Signals of Unix.");
        CancellationToken token = TestContext.Current.CancellationToken;
        Uri address;
        using (Process server = Start(port: 0))
        {
            address = await AddressOf(server);
            Task<int>[] clients = Clients(address);
            await Task.Delay(300, token);
            server.Kill();
            await Task.WhenAll(clients).WaitAsync(TimeSpan.FromMinutes(1), token);
            await server.WaitForExitAsync(token);
        }
        using Process second = Start(address.Port);
        try
        {
            Assert.Equal(address.Port, (await AddressOf(second)).Port);
            using HttpClient http = Client(address);
            Assert.Equal(HttpStatusCode.OK, await AskAsync(http));
        }
        finally
        {
            second.Kill();
            await second.WaitForExitAsync(token);
        }
    }

    private Process Start(int port) =>
        Alexnet.Start("serve", $"shade={_model}", "--port", $"{port}", "--no-grpc", "--verbose");

    private static async Task<Uri> AddressOf(Process server)
    {
        string? line;
        do
        {
            line = await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        } while (line is not null && !line.StartsWith("serving at ", StringComparison.Ordinal));
        return new Uri(line!.Split(' ', ',', ';')[2]);
    }

    /// <summary>Starts clients that ask until the server is gone, and count the results that they got.</summary>
    private Task<int>[] Clients(Uri address) =>
        [
            .. Enumerable
                .Range(0, 4)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        using HttpClient http = Client(address);
                        for (int answered = 0; ; answered++)
                        {
                            try
                            {
                                Assert.Equal(HttpStatusCode.OK, await AskAsync(http));
                            }
                            catch (HttpRequestException e)
                            {
                                if (
                                    e.InnerException is SocketException
                                    {
                                        SocketErrorCode: SocketError.ConnectionRefused
                                    }
                                )
                                {
                                    return answered;
                                }
                                // The connection was closed before the server read the request.
                                answered--;
                            }
                        }
                    })
                ),
        ];

    private static HttpClient Client(Uri address) => new() { BaseAddress = address };

    private async Task<HttpStatusCode> AskAsync(HttpClient http)
    {
        var content = new ByteArrayContent(_image);
        content.Headers.Add("Inference-Header-Content-Length", "0");
        using HttpResponseMessage response = await http.PostAsync(
            new Uri("/v2/models/shade/infer", UriKind.Relative),
            content
        );
        await response.Content.ReadAsByteArrayAsync();
        return response.StatusCode;
    }
}
