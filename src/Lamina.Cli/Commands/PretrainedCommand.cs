using System.CommandLine;
using Lamina.Runs;

namespace Lamina.Cli;

/// <summary><c>alexnet pretrained</c>: lists the networks that others trained, and whether their files are here.</summary>
internal static class PretrainedCommand
{
    private const string Examples = """
          alexnet pretrained
          alexnet train photos --pretrained resnet18
          alexnet train photos --weights network.onnx --freeze backbone --preprocessing caffe
        """;

    public static Command Create(Terminal terminal)
    {
        var command = new Command(
            "pretrained",
            "Lists networks that others trained: license, size, and where they are looked for."
        );
        ExampleTexts.Set(command, Examples);
        command.SetAction(_ =>
        {
            foreach (PretrainedNetwork network in PretrainedNetwork.All)
            {
                Write(terminal.Output, network);
            }
            terminal.Output.WriteLine(
                "others    train --weights FILE: ONNX, Keras, PyTorch and all that 'alexnet inspect' reads"
            );
            terminal.Output.Flush();
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(TextWriter output, PretrainedNetwork network)
    {
        string accuracy = network.Accuracy is { } top1
            ? FormattableString.Invariant($"top-1 {top1} % published")
            : "no accuracy published";
        string? found = network.Find();
        output.WriteLine($"{network.Name, -9} {network.Source}");
        output.WriteLine(
            FormattableString.Invariant($"          {network.License}, {network.Bytes / 1e6:F1} MB, {accuracy}")
        );
        output.WriteLine($"          SHA-256 {network.Sha256}");
        output.WriteLine($"          images  {network.Preprocessing}");
        output.WriteLine(found is null ? $"          not here; owner: {network.Owner}" : $"          here: {found}");
        foreach (string place in network.Places.Where(p => p != found))
        {
            output.WriteLine($"          looked for: {place}");
        }
    }
}
