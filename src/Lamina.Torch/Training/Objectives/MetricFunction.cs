using System.Diagnostics.CodeAnalysis;

namespace Lamina.Torch;

/// <summary>The ops of a metric as a function of arrays, compiled for the shapes of the last call.</summary>
/// <param name="metric">The metric.</param>
[SuppressMessage(
    "Design",
    "CA1001",
    Justification = "Metrics are not disposable. The plan has no weights; the collector frees its few constants."
)]
internal sealed class MetricFunction(Metric metric) : IMetricFunction
{
    private Plan? _plan;
    private (Shape Output, Shape Target)? _shapes;

    /// <inheritdoc/>
    public NDArray Compute(NDArray output, NDArray target)
    {
        (Shape, Shape) shapes = (output.Shape.Sample, target.Shape.Sample);
        if (_plan is null || _shapes != shapes)
        {
            _plan?.Dispose();
            Symbol y = OpNode.Record(new InputOp(output.Shape.WithBatch(null)), []);
            Symbol t = LossTerm.TargetOf(target.Shape);
            Symbol values = PlannedMetric.Record(metric, metric.Name, t, y);
            _plan = new Plan([y, t], [values], training: false, Device.Cpu);
            _shapes = shapes;
        }
        Tensor[] inputs =
        [
            Tensor.FromSpan(output.Values, Sizes(output.Shape)),
            Tensor.FromSpan(target.Values, target.Shape.Rank == 1 ? [target.Count, 1] : Sizes(target.Shape)),
        ];
        Tensor[] results = _plan.Forward(default, inputs, takesInputs: true);
        NDArray computed = Feed.ToArray(results[0]);
        Feed.Free(results);
        return computed;
    }

    private static long[] Sizes(Shape shape) => [.. shape.ToArray().Select(d => (long)d)];
}
