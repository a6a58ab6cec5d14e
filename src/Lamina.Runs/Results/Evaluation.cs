using Lamina.Runs.Results;

namespace Lamina.Runs;

/// <summary>The results of a model on labeled images.</summary>
/// <param name="Classes">The classes.</param>
/// <param name="Loss">
/// The mean of −log softmax(logits) of the true class, in float64, without clipping, label smoothing or mixing, like the
/// validation loss of training.
/// </param>
/// <param name="TopFive">The number of images whose class is among the five most probable.</param>
/// <param name="Confusion">Counts: (true class, predicted class).</param>
/// <param name="Crops">The number of crops per image, over which probabilities were averaged.</param>
public sealed record Evaluation(IReadOnlyList<string> Classes, double Loss, long TopFive, int[,] Confusion, int Crops)
{
    private const int Best = 5;
    private const int MostMistakes = 24;

    /// <summary>The mistakes with the highest confidence, most confident first.</summary>
    public IReadOnlyList<TestPrediction> WorstMistakes { get; init; } = [];

    /// <summary>A few images of each outcome.</summary>
    internal ExampleImages Examples { get; init; } = new();

    /// <summary>The number of images.</summary>
    public long Count => Confusion.Cast<int>().Sum(c => (long)c);

    /// <summary>The fraction of images whose most probable class is the true one.</summary>
    public double Top1 => Enumerable.Range(0, Classes.Count).Sum(c => (double)Confusion[c, c]) / Count;

    /// <summary>The fraction of images whose class is among the five most probable.</summary>
    public double Top5 => (double)TopFive / Count;

    /// <summary>The top-1 error of papers: the fraction of images whose most probable class is wrong.</summary>
    public double Top1Error => 1 - Top1;

    /// <summary>The top-5 error: the fraction of images whose class is not among the five most probable.</summary>
    public double Top5Error => 1 - Top5;

    /// <summary>Evaluates a model on labeled images.</summary>
    /// <exception cref="LaminaException">No image can be read.</exception>
    /// <exception cref="OperationCanceledException">The operation was canceled.</exception>
    internal static Evaluation Run(Model model, DataLoader data, CancellationToken interrupt) =>
        Run(model, (x, batchSize) => model.PredictLogits(x, batchSize), data, interrupt);

    /// <summary>Evaluates logits from any source on labeled images.</summary>
    /// <exception cref="LaminaException">No image can be read.</exception>
    /// <exception cref="OperationCanceledException">The operation was canceled.</exception>
    internal static Evaluation Run(
        Model model,
        Func<NDArray, int, NDArray> predictLogits,
        DataLoader data,
        CancellationToken interrupt
    )
    {
        IReadOnlyList<string> classes = data.ClassNames;
        int width = model.Outputs[0].Shape[1]!.Value;
        var confusion = new int[width, width];
        var scores = new double[width];
        var worst = new WorstMistakes(MostMistakes);
        var examples = new ExampleImages();
        double loss = 0;
        long topFive = 0;
        long count = 0;
        foreach (Batch batch in data.Batches(0))
        {
            interrupt.ThrowIfCancellationRequested();
            NDArray logits = predictLogits(batch.Inputs[0], data.BatchSize * batch.Crops);
            int length = batch.Crops * width;
            for (int row = 0; row < batch.Count; row++)
            {
                LogProbabilities.Of(logits.Values.Slice(row * length, length), scores);
                int truth = (int)batch.Targets[0].Values[row];
                int said = Classifier.ArgMax<double>(scores);
                confusion[truth, said]++;
                if (batch.Indices is { } indices)
                {
                    var prediction = new TestPrediction(indices[row], truth, said, (float)Math.Exp(scores[said]));
                    examples.Add(prediction);
                    if (said != truth)
                    {
                        worst.Add(prediction);
                    }
                }
                loss -= scores[truth];
                topFive += Better(scores, scores[truth]) < Best ? 1 : 0;
                count++;
            }
        }
        return new Evaluation(classes, loss / count, topFive, confusion, data.Options.Crops)
        {
            WorstMistakes = worst.ToList(),
            Examples = examples,
        };
    }

    private static int Better(ReadOnlySpan<double> scores, double score)
    {
        int better = 0;
        foreach (double other in scores)
        {
            better += other > score ? 1 : 0;
        }
        return better;
    }
}
