using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>
/// A kernel of Σ t·log(softmax(x)) in one pass per row on the CPU. It sums in float64, and computes t − p·Σt from the
/// logarithm of p, so that the gradient of a class with a probability near 1 keeps its digits.
/// </summary>
internal sealed unsafe class LogLikelihoodLoops(OpNode node) : LogLikelihoodKernel(node)
{
    // About as many elements as other loops give a thread at least.
    private const long Elements = 4096;

    private readonly int _classes = node.Inputs[0].Shape[^1]!.Value;

    public override long ForwardWorkspace(int batch, bool training) => training ? 0 : InputBytes(0, batch);

    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) => 0;

    protected override Tensor Sum(Tensor logs, Tensor targets)
    {
        Tensor result = Tensor.Empty(logs.Sizes[..^1]);
        float* sum = result.WriteData();
        float* log = logs.ReadData;
        float* target = targets.ReadData;
        int classes = _classes;
        Run(
            result.Count,
            (begin, end) =>
            {
                for (long row = begin; row < end; row++)
                {
                    sum[row] = (float)SumOf(log + (row * classes), target + (row * classes), classes);
                }
            }
        );
        GC.KeepAlive(logs);
        GC.KeepAlive(targets);
        return result;
    }

    protected override Tensor Slope(Tensor logs, Tensor targets, Tensor gradient)
    {
        Tensor result = Tensor.Empty(logs.Sizes);
        float* slope = result.WriteData();
        float* log = logs.ReadData;
        float* target = targets.ReadData;
        float* by = gradient.ReadData;
        int classes = _classes;
        Run(
            gradient.Count,
            (begin, end) =>
            {
                for (long row = begin; row < end; row++)
                {
                    long first = row * classes;
                    SlopeOf(log + first, target + first, slope + first, by[row], classes);
                }
            }
        );
        GC.KeepAlive(logs);
        GC.KeepAlive(targets);
        GC.KeepAlive(gradient);
        return result;
    }

    private void Run(long rows, Action<long, long> body) =>
        ElementLoop.Run(rows, body, Math.Max(1, Elements / _classes));

    private static double SumOf(float* log, float* target, int classes)
    {
        double sum = 0;
        for (int c = 0; c < classes; c++)
        {
            sum += target[c] == 0 ? 0 : (double)target[c] * log[c];
        }
        return sum;
    }

    private static void SlopeOf(float* log, float* target, float* slope, double by, int classes)
    {
        double mass = 0;
        for (int c = 0; c < classes; c++)
        {
            mass += target[c];
        }
        for (int c = 0; c < classes; c++)
        {
            slope[c] = (float)(by * (target[c] - (mass * Math.Exp(log[c]))));
        }
    }
}
