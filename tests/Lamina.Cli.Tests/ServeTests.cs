using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Lamina.Cli.Tests;

/// <summary><c>alexnet serve</c> as a process: what it serves, and how it ends.</summary>
public sealed class ServeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_is_served_with_the_probabilities_of_predict_and_ends_with_SIGTERM()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Signals of Unix.");
        CancellationToken token = TestContext.Current.CancellationToken;
        string model = SmallModel.Write(_folder);
        string image = Directory.GetFiles(_folder.WriteImages("data", perClass: 1), "*", SearchOption.AllDirectories)[
            0
        ];
        Outcome predicted = Alexnet.Run("predict", model, image, "--json");
        JsonNode first = JsonNode.Parse(predicted.Output)![0]!["predictions"]![0]!;

        using Process server = Alexnet.Start("serve", $"shade={model}", "--port", "0", "--grpc-port", "0");
        try
        {
            string? line = await server.StandardOutput.ReadLineAsync(token);
            Assert.StartsWith("serving at http://127.0.0.1:", line, StringComparison.Ordinal);
            var address = new Uri(line!.Split(' ', ',')[2]);
            using var http = new HttpClient { BaseAddress = address };
            JsonNode? metadata = await http.GetFromJsonAsync<JsonNode>("/v2/models/shade", token);
            var request = new JsonObject
            {
                ["inputs"] = new JsonArray(
                    new JsonObject
                    {
                        ["name"] = (string)metadata!["inputs"]![0]!["name"]!,
                        ["datatype"] = "BYTES",
                        ["shape"] = new JsonArray(1),
                        ["data"] = new JsonArray(Convert.ToBase64String(File.ReadAllBytes(image))),
                    }
                ),
                ["outputs"] = new JsonArray(
                    new JsonObject
                    {
                        ["name"] = (string)metadata["outputs"]![0]!["name"]!,
                        ["parameters"] = new JsonObject { ["classification"] = 1 },
                    }
                ),
            };
            using HttpResponseMessage response = await http.PostAsJsonAsync("/v2/models/shade/infer", request, token);
            JsonNode? answer = await response.Content.ReadFromJsonAsync<JsonNode>(token);
            string[] best = ((string)answer!["outputs"]![0]!["data"]![0]!).Split(':');
            Assert.Equal((string)first["class"]!, best[2]);
            Assert.Equal(
                (float)first["probability"]!,
                float.Parse(best[0], System.Globalization.CultureInfo.InvariantCulture),
                1e-6f
            );

            using Process kill = Process.Start("kill", ["-TERM", $"{server.Id}"]);
            await server.WaitForExitAsync(token);
            Assert.Equal(0, server.ExitCode);
            Assert.DoesNotContain("   at ", await server.StandardError.ReadToEndAsync(token), StringComparison.Ordinal);
        }
        finally
        {
            if (!server.HasExited)
            {
                server.Kill();
            }
        }
    }

    [Theory]
    [InlineData("serve", "name at least one run, or a folder of models with --repository. See: alexnet serve --help")]
    [InlineData(
        "serve x --port 70000",
        "--port: '70000' is not a whole number from 0 to 65535. See: alexnet serve --help"
    )]
    [InlineData("serve x --address here", "--address: 'here' is not an IP address. See: alexnet serve --help")]
    [InlineData("serve x --certificate-key k.pem", "--certificate-key needs --certificate. See: alexnet serve --help")]
    public void Wrong_usage_is_one_line(string arguments, string error)
    {
        Outcome outcome = Alexnet.Run(arguments.Split(' '));
        Assert.Equal(2, outcome.Code);
        Assert.Equal(error, outcome.ErrorLine);
    }

    [Theory]
    [InlineData("serve NOWHERE", "there is no such run or saved model")]
    [InlineData("serve --repository NOWHERE", "there is no such folder")]
    [InlineData("serve SMALL --api-keys NOWHERE", "cannot be read")]
    [InlineData("serve SMALL --api-keys EMPTY", "contains no key")]
    [InlineData("serve SMALL --certificate EMPTY", "is not a PEM file")]
    [InlineData("serve a/b=SMALL", "not a name")]
    [InlineData("serve a=SMALL a=SMALL", "two models have this name")]
    [InlineData("serve EMPTY --port 0 --grpc-port 0 --quiet", "EMPTY")]
    public void What_cannot_be_served_is_one_line(string arguments, string says)
    {
        string small = SmallModel.Write(_folder);
        string empty = _folder["EMPTY"];
        File.WriteAllText(empty, "");
        Outcome outcome = Alexnet.Run([
            .. arguments
                .Split(' ')
                .Select(a =>
                    a.Replace("SMALL", small, StringComparison.Ordinal)
                        .Replace("EMPTY", empty, StringComparison.Ordinal)
                        .Replace("NOWHERE", _folder["NOWHERE"], StringComparison.Ordinal)
                ),
        ]);
        Assert.Equal(1, outcome.Code);
        Assert.Contains(says, outcome.ErrorLine, StringComparison.Ordinal);
    }
}
