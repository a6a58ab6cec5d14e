using Lamina;
using Lamina.Runs;

namespace LaminaClassifier;

/// <summary>Trains, tests and uses the classifier in a run's folder.</summary>
internal static class Training
{
    /// <summary>Trains on a folder of images, or goes on with an interrupted training.</summary>
    public static int Train(string folder, int? epochs, string run, CancellationToken stop)
    {
        Recipe recipe = Recipe.Get("RECIPE_NAME");
        if (epochs is { } n)
        {
            recipe = recipe with { Epochs = n };
        }
        RunResult? result = Directory.Exists(run)
            ? Run.Resume(run, cancellation: stop)
            : Run.Train(
                new TrainOptions
                {
                    Data = folder,
                    Recipe = recipe,
                    Output = run,
                },
                cancellation: stop
            );
        Console.WriteLine(
            result is null
                ? $"{run} is finished. Delete it, or move it, to train anew."
                : $"test accuracy {result.Test?.Top1:0.0000}, report in {Path.Combine(result.Folder, "report.html")}"
        );
        return 0;
    }

    /// <summary>Tests the trained model on the images that were held out.</summary>
    public static int Evaluate(string run, CancellationToken stop)
    {
        using var classifier = RunClassifier.Load(run);
        Evaluation test = classifier.Evaluate(cancellation: stop);
        Console.WriteLine($"images {test.Count}, loss {test.Loss:0.0000}, accuracy {test.Top1:0.0000}");
        return 0;
    }

    /// <summary>Prints the most probable classes of each image.</summary>
    public static int Predict(string run, string[] images)
    {
        using var classifier = RunClassifier.Load(run);
        foreach (string image in images)
        {
            string best = string.Join(
                ", ",
                classifier.Predict(image, top: 3).Select(s => $"{s.Class} {s.Probability:0.000}")
            );
            Console.WriteLine($"{image}: {best}");
        }
        return 0;
    }
}
