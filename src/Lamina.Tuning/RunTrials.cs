using System.Text.Json.Nodes;
using Lamina.Runs;
using Lamina.Runs.Folder;

namespace Lamina.Tuning;

/// <summary>Trials that are runs, left after the epochs of their rungs and resumed for the next.</summary>
internal sealed class RunTrials(TrainOptions train, SearchSpace space, TuningOptions options, RunObserver observer)
    : TrialTrainer
{
    public override void Choose(HyperParameters hyperParameters)
    {
        foreach (HyperParameter parameter in space.Parameters)
        {
            _ = hyperParameters.Value(parameter);
        }
    }

    public override double? Train(Trial trial, int epochs, CancellationToken cancellation)
    {
        string folder = Path.Combine(options.Folder, trial.FolderName);
        try
        {
            RunResult? result = File.Exists(Path.Combine(folder, RunFolder.RecordName))
                ? Run.ResumeUntil(folder, epochs, observer, cancellation)
                : Run.TrainUntil(Options(trial, folder), epochs, observer, cancellation);
            if (result is null)
            {
                throw new LaminaException(
                    $"{folder}: is finished, but the search is not. Begin a new one in another folder."
                );
            }
            IReadOnlyList<EpochLog> history = result.History.Epochs;
            return history.Count < epochs ? null : options.Objective.Read(history[epochs - 1].Logs);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (LaminaException e) when (e is ShapeException or GraphException or ConfigException || Loss(e) is not null)
        {
            throw new TrialFailedException((Loss(e) ?? e).Message, e);
        }
    }

    // Its history, curves and settings stay.
    public override void Discard(Trial trial)
    {
        string root = Path.Combine(options.Folder, trial.FolderName);
        var folder = RunFolder.Open(root);
        TrialFolder.Delete(
            folder.Model,
            folder.Checkpoints,
            folder.Start,
            folder.Features,
            folder.FrozenCheckpoints(0),
            Path.Combine(root, RunLock.FileName)
        );
    }

    public override IReadOnlyDictionary<string, string> Describe() =>
        new Dictionary<string, string>
        {
            ["data"] = train.Data is { } data ? Path.GetFullPath(data) : "shipped",
            ["validation"] = train.Validation is { } validation ? Path.GetFullPath(validation) : "of the data",
            ["recipe"] = train.Recipe.ToJsonObject().ToJsonString(),
            ["space"] = new JsonObject(
                space.Parameters.Select(p => KeyValuePair.Create(p.Name, (JsonNode?)p.ToJson()))
            ).ToJsonString(),
            ["weights"] = train.Weights is { } weights ? Path.GetFullPath(weights.Path) : "random",
        };

    private TrainOptions Options(Trial trial, string folder)
    {
        // What a killed process left before the run had a record.
        TrialFolder.Delete(folder);
        Recipe recipe;
        try
        {
            recipe = RecipeSpace.Apply(train.Recipe, trial.Values);
        }
        catch (LaminaException e)
        {
            throw new TrialFailedException(e.Message, e);
        }
        return train with
        {
            Recipe = recipe with { Epochs = options.Plan.Epochs },
            Output = folder,
            HoldOutValidation = true,
            CheckpointEvery = Frequency.Epoch,
            Keep = 1,
            Seed = options.Seed,
        };
    }

    private static LossException? Loss(Exception? error)
    {
        while (error is not null and not LossException)
        {
            error = error.InnerException;
        }
        return error as LossException;
    }
}
