using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Lamina.Cli;

/// <summary>The launcher of MPI that <c>--ranks</c> starts, with the settings that ranks need.</summary>
internal sealed class MpirunCommand
{
    /// <summary>The variable with the launcher and its options.</summary>
    public const string Variable = "LAMINA_MPIRUN";

    private const string RootOption = "--allow-run-as-root";
    private const string RootVariable = "OMPI_ALLOW_RUN_AS_ROOT";

    private readonly string[] _words;
    private readonly Func<string, string?> _read;

    private MpirunCommand(string[] words, Func<string, string?> read) => (_words, _read) = (words, read);

    /// <summary>Reads the variable. Default: <c>mpirun</c>.</summary>
    /// <param name="read">Returns a variable's value; <see langword="null"/> if it is not set.</param>
    public static MpirunCommand Find(Func<string, string?> read)
    {
        string[] words = (read(Variable) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new MpirunCommand(words.Length == 0 ? ["mpirun"] : words, read);
    }

    /// <summary>The program.</summary>
    public string Program => _words[0];

    /// <summary>Returns how to start a program on some ranks.</summary>
    public ProcessStartInfo Start(int ranks, IEnumerable<string> program)
    {
        string number = ranks.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(Program, [.. _words.Skip(1), "-n", number, .. program])
        {
            UseShellExecute = false,
        };
        foreach ((string name, string value) in Settings())
        {
            // What the user has set stays.
            if (_read(name) is null)
            {
                start.Environment[name] = value;
            }
        }
        return start;
    }

    /// <summary>Refuses what Open MPI would refuse with a page of text: to run as root.</summary>
    /// <param name="isRoot"><see langword="true"/> if this process is root.</param>
    /// <exception cref="LaminaException">It would.</exception>
    public void RequireUser(bool isRoot)
    {
        if (
            isRoot
            && !_words.Contains(RootOption)
            && !(_read(RootVariable) == "1" && _read($"{RootVariable}_CONFIRM") == "1")
            && IsOpenMpi()
        )
        {
            throw new LaminaException(
                $"--ranks: {Program} (Open MPI) does not run as root. Use another user, or set {RootVariable}=1 and {RootVariable}_CONFIRM=1."
            );
        }
    }

    // Open MPI's parameters; other launchers ignore them.
    private IEnumerable<(string Name, string Value)> Settings()
    {
        if (_words.Length == 1)
        {
            // Ranks of this machine share its cores, which Lamina divides by threads.
            yield return ("OMPI_MCA_rmaps_base_oversubscribe", "1");
            yield return ("OMPI_MCA_hwloc_base_binding_policy", "none");
        }
    }

    private bool IsOpenMpi()
    {
        try
        {
            var info = new ProcessStartInfo(Program, ["--version"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using Process process = Process.Start(info)!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            string text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return text.Contains("Open MPI", StringComparison.OrdinalIgnoreCase)
                || text.Contains("OpenRTE", StringComparison.Ordinal);
        }
        catch (Win32Exception)
        {
            // Starting it says why.
            return false;
        }
    }
}
