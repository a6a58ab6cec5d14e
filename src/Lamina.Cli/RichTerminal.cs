using Spectre.Console;

namespace Lamina.Cli;

/// <summary>Spectre's console on a terminal; kept apart, so that plain commands do not load it.</summary>
internal static class RichTerminal
{
    private const int PlainWidth = 160;

    extension(Terminal terminal)
    {
        /// <summary>A console with colours and redrawing where the terminal has them, and plain wide text otherwise.</summary>
        public IAnsiConsole Rich()
        {
            IAnsiConsole console = AnsiConsole.Create(
                new AnsiConsoleSettings
                {
                    Ansi = terminal.IsInteractive ? AnsiSupport.Detect : AnsiSupport.No,
                    ColorSystem = terminal.IsInteractive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
                    Interactive = terminal.IsInteractive ? InteractionSupport.Detect : InteractionSupport.No,
                    Out = new AnsiConsoleOutput(terminal.Output),
                }
            );
            if (!terminal.IsInteractive)
            {
                console.Profile.Width = PlainWidth;
                console.Profile.Capabilities.Unicode = true;
            }
            return console;
        }
    }
}
