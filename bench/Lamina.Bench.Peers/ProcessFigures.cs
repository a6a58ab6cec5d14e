using System.Diagnostics;
using System.Globalization;

namespace Lamina.Bench.Peers;

/// <summary>What the system says about this process; 0 where it does not.</summary>
public static class ProcessFigures
{
    /// <summary>The most memory that was ever resident, in bytes.</summary>
    public static long PeakBytes
    {
        get
        {
            const string key = "VmHWM:";
            if (!OperatingSystem.IsLinux())
            {
                return Process.GetCurrentProcess().PeakWorkingSet64;
            }
            string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(key, StringComparison.Ordinal));
            string kilobytes = line[key.Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
            return long.Parse(kilobytes, CultureInfo.InvariantCulture) * 1024;
        }
    }

    /// <summary>Pages mapped so far, read from disk or not.</summary>
    public static long PageFaults
    {
        get
        {
            if (!OperatingSystem.IsLinux())
            {
                return 0;
            }
            // The program's name, in parentheses, may hold spaces: fields are counted from behind it (man 5 proc).
            const int minor = 7;
            const int major = 9;
            string stat = File.ReadAllText("/proc/self/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return long.Parse(fields[minor], CultureInfo.InvariantCulture)
                + long.Parse(fields[major], CultureInfo.InvariantCulture);
        }
    }
}
