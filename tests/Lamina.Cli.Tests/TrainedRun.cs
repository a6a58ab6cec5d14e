namespace Lamina.Cli.Tests;

/// <summary>One small training, whose run folder several tests use.</summary>
public sealed class TrainedRun : IDisposable
{
    public TrainedRun()
    {
        Data = Folder.WriteImages("data", perClass: 30);
        File.WriteAllText(Path.Combine(Data, "dark", "text.jpg"), "just some words\n");
        Outcome = Alexnet.Run(
            "train",
            Data,
            "--epochs",
            "2",
            "--batch",
            "16",
            "--output",
            Run,
            "--optimizer",
            "adam",
            "--validation-share",
            "0.5"
        );
    }

    public TempFolder Folder { get; } = new();

    public string Data { get; }

    public string Run => Folder["run"];

    internal Outcome Outcome { get; }

    public void Dispose() => Folder.Dispose();
}
