using System.Text.Json;

namespace Lamina.Bench.Peers;

/// <summary>What a worker process is to measure: the JSON of its only argument.</summary>
public sealed record PeerRequest
{
    /// <summary>What is measured; a word that the worker knows.</summary>
    public required string Kind { get; init; }

    /// <summary>The folder that holds the model and its weights, as <see cref="PeerModel"/> says.</summary>
    public string Folder { get; init; } = "";

    /// <summary>Images in a batch.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Whether results are compared and nothing is timed: dropout drops nothing, and no run warms up.</summary>
    public bool Check { get; init; }

    /// <summary>The rate of a training.</summary>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>A choice among the worker's ways to do the work.</summary>
    public string Variant { get; init; } = "";

    /// <summary>The file for a trace of one run; empty for none.</summary>
    public string Trace { get; init; } = "";

    public const string Train = "train";
    public const string Infer = "infer";

    public const double Momentum = 0.9;

    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    public static PeerRequest FromJson(string json) =>
        JsonSerializer.Deserialize<PeerRequest>(json, JsonSerializerOptions.Web)
        ?? throw new InvalidDataException("The worker's argument is no request.");
}

/// <summary>A line that a worker writes in answer to a command.</summary>
public sealed record PeerReply
{
    /// <summary>Why the command failed; empty if it did not.</summary>
    public string Error { get; init; } = "";

    /// <summary>How often the work was done.</summary>
    public int Runs { get; init; }

    /// <summary>How long that took.</summary>
    public double Seconds { get; init; }

    /// <summary>What one run does, in the workload's unit: images, floating-point operations, bytes.</summary>
    public double Work { get; init; }

    /// <summary>What the last run came to; of a training the loss.</summary>
    public double Value { get; init; }

    /// <summary>The most memory that the process has held so far, resident, in bytes.</summary>
    public long PeakBytes { get; init; }

    /// <summary>Pages that the system had to map during the runs.</summary>
    public long PageFaults { get; init; }

    /// <summary>Bytes that managed code allocated during the runs.</summary>
    public long AllocatedBytes { get; init; }

    /// <summary>Processor time of all threads during the runs, in seconds.</summary>
    public double ProcessorSeconds { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    public static PeerReply FromJson(string json) =>
        JsonSerializer.Deserialize<PeerReply>(json, JsonSerializerOptions.Web)
        ?? throw new InvalidDataException($"A worker answered '{json}'.");
}
