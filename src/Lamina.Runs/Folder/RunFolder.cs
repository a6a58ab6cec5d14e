using System.Globalization;
using Lamina.Runs.Text;

namespace Lamina.Runs.Folder;

/// <summary>The folder of a run: the model, its history and its pictures.</summary>
internal sealed class RunFolder
{
    /// <summary>The name of the file that records what made the run.</summary>
    public const string RecordName = "run.json";

    private const string ModelName = "model";

    private RunFolder(string path) => Root = path;

    /// <summary>The path of the folder.</summary>
    public string Root { get; }

    public string Model => File(ModelName);
    public string Quantized => File("model.int8.safetensors");
    public string Checkpoints => File("checkpoints");

    /// <summary>The checkpoints of a phase before the last: of the epochs before frozen layers are trained too.</summary>
    /// <param name="phase">The number of the phase, from 0.</param>
    public string FrozenCheckpoints(int phase) =>
        File(phase == 0 ? "checkpoints-frozen" : FormattableString.Invariant($"checkpoints-frozen-{phase}"));

    /// <summary>The weights of the best epoch of a phase.</summary>
    /// <param name="phase">The number of the phase, from 0.</param>
    public string BestWeights(int phase) => File(FormattableString.Invariant($"best-{phase}.safetensors"));

    /// <summary>The penalty of a head that was fitted, which its checkpoints do not contain.</summary>
    public string HeadPenalty => File("head-penalty.txt");

    /// <summary>The features of layers that fine-tuning has not unfrozen yet.</summary>
    public string Features => File("features");

    /// <summary>The model that a run begins with whose frozen layers are not in its checkpoints.</summary>
    public string Start => File("start");

    public string History => File("history.csv");
    public string Curves => File("curves.png");

    /// <summary>The temperature of a calibrated run.</summary>
    public string Calibration => File("calibration.json");

    public string Confusion => File("confusion.png");
    public string Filters => File("filters.png");
    public string Predictions => File("predictions.png");

    /// <summary>The picture of what predictions depend on.</summary>
    public string Explanations => File("explanations.png");

    /// <summary>The picture of training images as the network sees them.</summary>
    public string TrainingImages => File("training-images.png");
    public string Report => File("report.html");
    public string Summary => File("summary.txt");
    public string ModelPicture => File("model.png");

    /// <summary>Creates the folder of a new run; an existing folder must be empty.</summary>
    /// <param name="path">The folder; <see langword="null"/> for one under <c>runs</c> named after model and time.</param>
    /// <param name="modelName">The model's name.</param>
    /// <param name="now">The current time.</param>
    /// <exception cref="LaminaException">The folder is not empty or cannot be created.</exception>
    public static RunFolder Create(string? path, string modelName, DateTimeOffset now)
    {
        string chosen = path ?? Unused(modelName, now);
        if (System.IO.File.Exists(chosen))
        {
            throw new LaminaException($"{chosen}: is a file. Use a folder for the run.");
        }
        try
        {
            if (Directory.Exists(chosen) && Directory.EnumerateFileSystemEntries(chosen).Any())
            {
                throw new LaminaException($"{chosen}: the folder is not empty. Use another folder for the run.");
            }
            Directory.CreateDirectory(chosen);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{chosen}: cannot create the run folder ({OneLine.Of(e.Message)})", e);
        }
        return new RunFolder(chosen);
    }

    /// <summary>Opens the folder of an existing run.</summary>
    public static RunFolder Open(string path) => new(path);

    /// <summary>Deletes what only an unfinished run needs: <see cref="Start"/>, features, best weights.</summary>
    /// <exception cref="LaminaException">It cannot be deleted.</exception>
    public void DeleteTemporary()
    {
        try
        {
            foreach (string folder in (string[])[Start, Features])
            {
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
            foreach (string file in Directory.GetFiles(Root, "best-*.safetensors").Append(HeadPenalty))
            {
                System.IO.File.Delete(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{Root}: cannot be cleaned up ({OneLine.Of(e.Message)})", e);
        }
    }

    /// <summary>Returns the saved model of a run folder, or the path itself if it is a saved model.</summary>
    /// <exception cref="LaminaException">The path does not exist.</exception>
    public static string ModelPathOf(string path)
    {
        if (!Path.Exists(path))
        {
            throw new LaminaException($"{path}: no such run folder or saved model.");
        }
        string inner = Path.Combine(path, ModelName);
        return Directory.Exists(inner) ? inner : path;
    }

    private string File(string name) => Path.Combine(Root, name);

    private static string Unused(string modelName, DateTimeOffset now)
    {
        string stamp = now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        string path = Path.Combine("runs", $"{modelName}-{stamp}");
        string candidate = path;
        for (int i = 2; Path.Exists(candidate); i++)
        {
            candidate = $"{path}-{i}";
        }
        return candidate;
    }
}
