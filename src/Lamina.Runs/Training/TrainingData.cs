using Lamina.Runs.Data;

namespace Lamina.Runs.Training;

/// <summary>Opens the data of trainings.</summary>
internal static class TrainingData
{
    private const double HeldOut = 0.1;

    /// <summary>Opens the data of a training, and warns of what is missing in it.</summary>
    /// <param name="settings">The settings of the run.</param>
    /// <param name="resumed">The record of the run to resume, whose data must be the same; null to begin one.</param>
    /// <param name="observer">The observer that is told of skipped folders and missing classes.</param>
    /// <param name="cancellation">Ends it.</param>
    public static DataSelection Open(
        TrainSettings settings,
        RunRecord? resumed,
        RunObserver observer,
        CancellationToken cancellation
    )
    {
        TrainOptions options = settings.Options;
        var data = DataSelection.Open(
            options.Data,
            options.Format,
            options.Validation,
            options.ValidationShare,
            options.Seed,
            cancellation
        );
        if ((options.HoldOutValidation || settings.Transfer is { FineTune: true }) && !data.HasOwnValidation)
        {
            // Test images must not decide when to stop.
            (LabeledImages train, LabeledImages heldOut) = data.Train.Split(HeldOut, options.Seed);
            data = data with { Train = train, Validation = heldOut };
        }
        resumed?.RequireSame(data, cancellation);
        foreach (SkippedImage folder in data.Train.SkippedFolders.Concat(data.Test.SkippedFolders))
        {
            observer.OnSkipped(folder);
        }
        WarnOfMissing(observer, data.Train, "train on");
        WarnOfMissing(observer, data.Test, "test on");
        if (data.HasOwnValidation)
        {
            WarnOfMissing(observer, data.Validation, "validate on");
        }
        return data;
    }

    private static void WarnOfMissing(RunObserver observer, LabeledImages images, string purpose)
    {
        if (MissingClasses.Warning(images, purpose) is { } warning)
        {
            observer.OnWarning(warning);
        }
    }
}
