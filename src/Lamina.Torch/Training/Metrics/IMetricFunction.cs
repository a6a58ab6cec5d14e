namespace Lamina;

/// <summary>The ops of a metric as a function of arrays.</summary>
internal interface IMetricFunction
{
    /// <summary>Computes the values of a batch.</summary>
    NDArray Compute(NDArray output, NDArray target);
}
