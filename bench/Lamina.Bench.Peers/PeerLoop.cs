using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Lamina.Bench.Peers;

/// <summary>Work that is repeated and timed.</summary>
public interface IPeerWork : IDisposable
{
    /// <summary>What one run does, in the workload's unit: images, floating-point operations, bytes.</summary>
    double Work { get; }

    /// <summary>Does it once; what it came to, of a training the loss.</summary>
    double Run();

    /// <summary>The probabilities of the batch's images, without dropout; (N, classes).</summary>
    float[] Probabilities();
}

/// <summary>
/// A worker process: it makes its work ready, says so, and then answers the lines on its standard input, so that the bench
/// can let many workers take turns on a machine where nothing else runs. Commands: <c>run SECONDS</c> repeats the work for
/// at least so long; <c>output FILE</c> writes the probabilities as float32.
/// </summary>
public static class PeerLoop
{
    /// <summary>Serves until the input ends.</summary>
    /// <param name="json">The request.</param>
    /// <param name="create">Makes the work.</param>
    public static int Serve(string json, Func<PeerRequest, IPeerWork> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        // Ctrl-C goes to the whole group; the bench ends its workers itself.
        using var interrupts = PosixSignalRegistration.Create(PosixSignal.SIGINT, s => s.Cancel = true);
        try
        {
            using IPeerWork work = create(PeerRequest.FromJson(json));
            Answer(new PeerReply { Work = work.Work });
            while (Console.In.ReadLine() is { } line)
            {
                Answer(Obey(work, line));
            }
            return 0;
        }
        // Whatever it was, the bench shows it where the figure would be.
#pragma warning disable CA1031
        catch (Exception e)
#pragma warning restore CA1031
        {
            Answer(new PeerReply { Error = $"{e.GetType().Name}: {e.Message}" });
            return 1;
        }
    }

    private static PeerReply Obey(IPeerWork work, string line)
    {
        string[] words = line.Split(' ', 2);
        switch (words)
        {
            case ["run", var seconds]:
                return Time(work, double.Parse(seconds, CultureInfo.InvariantCulture));
            case ["output", var path]:
                File.WriteAllBytes(path, MemoryMarshal.AsBytes(work.Probabilities().AsSpan()).ToArray());
                return new PeerReply();
            default:
                throw new InvalidDataException($"'{line}' is no command.");
        }
    }

    /// <summary>Repeats work for at least so long, at least once.</summary>
    public static PeerReply Time(IPeerWork work, double seconds)
    {
        ArgumentNullException.ThrowIfNull(work);
        long faults = ProcessFigures.PageFaults;
        long allocated = GC.GetTotalAllocatedBytes();
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        int runs = 0;
        double value;
        do
        {
            value = work.Run();
            runs++;
        } while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
        return new PeerReply
        {
            Runs = runs,
            Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
            Work = work.Work,
            Value = value,
            PeakBytes = ProcessFigures.PeakBytes,
            PageFaults = ProcessFigures.PageFaults - faults,
            AllocatedBytes = GC.GetTotalAllocatedBytes() - allocated,
            ProcessorSeconds = (Environment.CpuUsage.TotalTime - processor).TotalSeconds,
        };
    }

    private static void Answer(PeerReply reply)
    {
        Console.Out.WriteLine(reply.ToJson());
        Console.Out.Flush();
    }
}
