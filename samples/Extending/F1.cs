using Lamina;

namespace Extending;

/// <summary>The F1 score of one class: the harmonic mean of its precision and its recall.</summary>
internal sealed class F1(int positive = 1) : Metric("f1", stateSize: 3)
{
    /// <summary>Returns 2·TP / (2·TP + FP + FN); 0 before any sample of the class.</summary>
    public override double Result => State[0] == 0 ? 0 : 2 * State[0] / ((2 * State[0]) + State[1] + State[2]);

    public override void Update(NDArray output, NDArray target)
    {
        int classes = output.Shape[1]!.Value;
        for (int i = 0; i < output.Count; i++)
        {
            ReadOnlySpan<float> row = output.Values.Slice(i * classes, classes);
            bool predicted = !row.ContainsAnyExceptInRange(float.NegativeInfinity, row[positive]);
            bool actual = (int)target.Values[i] == positive;
            State[0] += predicted && actual ? 1 : 0;
            State[1] += predicted && !actual ? 1 : 0;
            State[2] += !predicted && actual ? 1 : 0;
        }
    }
}
