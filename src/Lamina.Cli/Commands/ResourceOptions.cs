using System.CommandLine;
using Lamina.Distributed;
using Lamina.Runs;

namespace Lamina.Cli;

/// <summary>The options for what a training computes on: device, precision, threads, memory for images.</summary>
internal sealed class ResourceOptions
{
    private const int MostThreads = 1024;
    private const int MostCacheMegabytes = 1 << 20;
    private static readonly TrainOptions s_defaults = new();

    private readonly ComputeOptions _compute = new();
    private readonly Option<int?> _threads = NumberOption.WholeOrNone(
        "--threads",
        "Sets the number of compute threads. Default: one per core.",
        1,
        MostThreads
    );
    private readonly Option<int?> _workers = NumberOption.WholeOrNone(
        "--workers",
        "Sets the number of threads that read images. Default: one per core.",
        0,
        MostThreads
    );
    private readonly Option<int> _cache = NumberOption.Whole(
        "--cache-mb",
        "Sets the cache of decoded images in MB: images that fit are decoded once, not every epoch.",
        s_defaults.CacheMegabytes,
        0,
        MostCacheMegabytes
    );

    /// <summary>The option for the device.</summary>
    public Option DeviceOption => _compute.DeviceOption;

    /// <summary>The option for the threads that read images.</summary>
    public Option WorkersOption => _workers;

    /// <summary>The options, in the order of the help.</summary>
    public IReadOnlyList<Option> All => [.. _compute.All, _threads, _workers, _cache];

    /// <summary>Returns the number of threads that read images; null for the default.</summary>
    public int? Workers(ParseResult parsed) => parsed.GetValue(_workers);

    /// <summary>Returns the device that trains; null for the default.</summary>
    public Device? Device(ParseResult parsed) => _compute.Device(parsed);

    /// <summary>Returns options of a training with these.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">The options of the training.</param>
    /// <param name="job">This rank's job; null if it trains alone.</param>
    public TrainOptions Apply(ParseResult parsed, TrainOptions options, RankJob? job = null) =>
        options with
        {
            Device = _compute.Device(parsed),
            Precision = _compute.Precision(parsed),
            Threads = parsed.GetValue(_threads) ?? job?.Threads,
            Workers = parsed.GetValue(_workers) ?? job?.Threads ?? s_defaults.Workers,
            CacheMegabytes = parsed.GetValue(_cache),
        };
}
