using Lamina.Runs.Results;

namespace Lamina.Runs;

/// <summary>The results of a model on labeled images.</summary>
/// <param name="Classes">The classes.</param>
/// <param name="Loss">
/// The mean of −log softmax(logits) of the true class, summed in float64: without clipping, and without the label smoothing
/// or mixing of training, as the validation loss of training.
/// </param>
/// <param name="TopFive">The number of images whose class is among the best five.</param>
/// <param name="Confusion">Counts: (true class, predicted class).</param>
/// <param name="Crops">Crops of each image, over which its probabilities were averaged.</param>
public sealed record Evaluation(IReadOnlyList<string> Classes, double Loss, long TopFive, int[,] Confusion, int Crops)
{
    private const int Best = 5;
    private const int MostMistakes = 24;

    /// <summary>The mistakes that the model is surest of, the surest first.</summary>
    public IReadOnlyList<TestPrediction> WorstMistakes { get; init; } = [];

    /// <summary>A few images of each outcome.</summary>
    internal ExampleImages Examples { get; init; } = new();

    /// <summary>The images seen.</summary>
    public long Count => Confusion.Cast<int>().Sum(c => (long)c);

    /// <summary>The share of images whose best class is the true one.</summary>
    public double Top1 => Enumerable.Range(0, Classes.Count).Sum(c => (double)Confusion[c, c]) / Count;

    /// <summary>The share of images whose class is among the best five.</summary>
    public double Top5 => (double)TopFive / Count;

    /// <summary>The share of images whose best class is not the true one: the papers' top-1 error.</summary>
    public double Top1Error => 1 - Top1;

    /// <summary>The share of images whose class is not among the best five.</summary>
    public double Top5Error => 1 - Top5;

    /// <summary>Runs a model over labelled images, once.</summary>
    /// <exception cref="LaminaException">No image can be read.</exception>
    /// <exception cref="OperationCanceledException">It was asked to end.</exception>
    internal static Evaluation Run(Model model, DataLoader data, CancellationToken interrupt) =>
        Run(model, (x, batchSize) => model.PredictLogits(x, batchSize), data, interrupt);

    /// <summary>Runs a model over labeled images, once, with its logits by any means.</summary>
    /// <exception cref="LaminaException">No image can be read.</exception>
    /// <exception cref="OperationCanceledException">It was asked to end.</exception>
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
