using Lamina.Serving.Grpc;

namespace Lamina.Serving;

/// <summary>Triton's statistics extension; the REST form is the JSON of the same messages.</summary>
internal static class StatisticsReport
{
    /// <summary>Returns the statistics of versions.</summary>
    public static ModelStatisticsResponse Of(IEnumerable<ServedVersion> versions) =>
        new() { ModelStats = { versions.Select(Of) } };

    private static Grpc.ModelStatistics Of(ServedVersion version)
    {
        ModelStatistics statistics = version.Statistics;
        return new Grpc.ModelStatistics
        {
            Name = version.ModelName,
            Version = version.Version,
            LastInference = (ulong)statistics.LastInference,
            InferenceCount = (ulong)statistics.Inferences,
            ExecutionCount = (ulong)statistics.Executions,
            InferenceStats = new InferStatistics
            {
                Success = Of(statistics.Success),
                Fail = Of(statistics.Failure),
                Queue = Of(statistics.Queue),
                ComputeInput = Of(statistics.ComputeInput),
                ComputeInfer = Of(statistics.ComputeInfer),
                ComputeOutput = Of(statistics.ComputeOutput),
            },
            BatchStats =
            {
                statistics
                    .Batches.OrderBy(b => b.Key)
                    .Select(b => new InferBatchStatistics
                    {
                        BatchSize = (ulong)b.Key,
                        ComputeInput = Of(b.Value.Input),
                        ComputeInfer = Of(b.Value.Infer),
                        ComputeOutput = Of(b.Value.Output),
                    }),
            },
        };
    }

    private static StatisticDuration Of(Duration duration) =>
        new() { Count = (ulong)duration.Count, Ns = (ulong)duration.Nanoseconds };
}
