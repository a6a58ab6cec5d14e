using Spectre.Console;

namespace Lamina.Cli;

/// <summary>Creates Spectre's console; in its own class, so that plain commands do not load it.</summary>
internal static class RichTerminal
{
    private const int PlainWidth = 160;

    extension(Terminal terminal)
    {
        /// <summary>Returns a console with colors and redrawing if the terminal supports them, otherwise plain wide text.</summary>
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
