namespace Lamina;

/// <summary>The labels of mixed batches: class probabilities, weighted like the images.</summary>
internal static class LabelMixer
{
    /// <summary>Returns the row that a row is mixed with.</summary>
    public static int Partner(int row, int rows) => row == 0 ? rows - 1 : row - 1;

    /// <summary>Returns targets as class probabilities (N, classes); copies class indices only.</summary>
    /// <exception cref="LaminaException">The targets are neither class indices nor rows of probabilities.</exception>
    public static NDArray Dense(NDArray targets, int rows, int classes)
    {
        if (targets.Shape.ElementCount == (long)rows * classes && targets.Count == rows)
        {
            return targets;
        }
        if (targets.Shape.ElementCount != rows)
        {
            throw new LaminaException(
                $"MixedBatches: targets {targets.Shape} are neither one class index per sample nor rows of {classes} class probabilities."
            );
        }
        var dense = new NDArray(Shape.Of(rows, classes));
        for (int row = 0; row < rows; row++)
        {
            float label = targets.Values[row];
            if (!(label >= 0 && label < classes && label == MathF.Floor(label)))
            {
                throw new LaminaException(
                    $"MixedBatches: the label {label} is not a class index from 0 to {classes - 1}. Check the labels, or the number of classes."
                );
            }
            dense[row, (int)label] = 1;
        }
        return dense;
    }

    /// <summary>Returns each row times λ plus its partner's times 1 − λ.</summary>
    public static NDArray Mix(NDArray labels, double lambda)
    {
        var mixed = new NDArray(labels.Shape);
        int classes = labels.Values.Length / labels.Count;
        var (own, other) = ((float)lambda, 1 - (float)lambda);
        for (int row = 0; row < labels.Count; row++)
        {
            int partner = Partner(row, labels.Count);
            for (int c = 0; c < classes; c++)
            {
                mixed.Values[(row * classes) + c] =
                    (labels.Values[(row * classes) + c] * own) + (labels.Values[(partner * classes) + c] * other);
            }
        }
        return mixed;
    }
}
