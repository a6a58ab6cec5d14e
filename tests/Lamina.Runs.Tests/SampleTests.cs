using System.Diagnostics;

namespace Lamina.Runs.Tests;

/// <summary>The sample trains, tests and predicts in ten lines.</summary>
public sealed class SampleTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Ten_lines_train_test_and_predict()
    {
        string photos = _folder.WriteImages("photos", perClass: 8);
        string image = Path.Combine(photos, "light", "0.png");
        string program = Path.Combine(AppContext.BaseDirectory, "TenLines.dll");
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [program, photos, _folder["run"], image])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (process.ExitCode, await error));
        Assert.Matches(
            @"^test accuracy \d\.\d\d, report in .*\non ten crops of each image \d\.\d\d\n(light|dark) \d\.\d\d\n(light|dark) \d\.\d\d\n$",
            output.ReplaceLineEndings("\n")
        );
        Assert.True(File.Exists(Path.Combine(_folder["run"], "report.html")));
    }
}
