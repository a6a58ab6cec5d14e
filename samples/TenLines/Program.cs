// Trains on a folder of images, tests the model and uses it: TenLines PHOTOS RUN IMAGE
using Lamina;
using Lamina.Runs;

Recipe recipe = Recipe.Get("standard") with { Epochs = 2, Batch = 8 };
RunResult run = Run.Train(
    new TrainOptions
    {
        Data = args[0],
        Recipe = recipe,
        Output = args[1],
    }
);
Console.WriteLine($"test accuracy {run.Test!.Top1:0.00}, report in {run.Folder}");
Run.Resume(run.Folder); // Finishes an interrupted run; a finished one is not changed.

using var classifier = RunClassifier.Load(run.Folder);
Console.WriteLine($"on ten crops of each image {classifier.Evaluate(new EvaluateOptions { Crops = 10 }).Top1:0.00}");
foreach (ClassScore score in classifier.Predict(args[2]))
{
    Console.WriteLine($"{score.Class} {score.Probability:0.00}");
}
