using System.CommandLine;
using Lamina.Torch.Devices;

namespace Lamina.Cli;

/// <summary>The <c>alexnet devices</c> command.</summary>
internal static class DevicesCommand
{
    private const string Examples = """
          alexnet devices
          LAMINA_LIBTORCH=venv/lib/python3.12/site-packages/torch/lib alexnet devices
        """;

    public static Command Create(Terminal terminal)
    {
        var command = new Command("devices", "Lists the devices that can run models, and the libtorch in use.");
        ExampleTexts.Set(command, Examples);
        command.SetAction(_ =>
        {
            foreach (string line in DeviceSurvey.Take().Lines())
            {
                terminal.Output.WriteLine(line);
            }
            terminal.Output.Flush();
            return ExitCode.Done;
        });
        return command;
    }
}
