namespace Lamina.Torch;

/// <summary>The metrics of this library, by their names in Keras.</summary>
internal static class BuiltInMetrics
{
    /// <summary>The names that are shown in errors.</summary>
    public const string Names =
        "accuracy, binary_accuracy, top_5_accuracy, precision, recall, auc, f1_score, root_mean_squared_error, "
        + "true_positives, false_positives, true_negatives, false_negatives, or the name of a loss";

    /// <summary>Returns the metric with this name; <see langword="null"/> if there is none.</summary>
    public static Metric? Find(string name) =>
        name switch
        {
            "accuracy" or "acc" or "sparse_categorical_accuracy" or "categorical_accuracy" => new Accuracy(name),
            "binary_accuracy" => new BinaryAccuracy(name: name),
            "top_5_accuracy" or "top_k_categorical_accuracy" or "sparse_top_k_categorical_accuracy" =>
                new TopKCategoricalAccuracy(5, name),
            "precision" or "Precision" => new Precision(name: name),
            "recall" or "Recall" => new Recall(name: name),
            "auc" or "AUC" => new Auc(name: name),
            "f1_score" => new F1Score(name: name),
            "root_mean_squared_error" or "rmse" => new RootMeanSquaredError(name),
            "true_positives" => new TruePositives(name: name),
            "false_positives" => new FalsePositives(name: name),
            "true_negatives" => new TrueNegatives(name: name),
            "false_negatives" => new FalseNegatives(name: name),
            _ => BuiltInLosses.Find(name) is { } loss ? new MeanOf(loss, name) : null,
        };
}
