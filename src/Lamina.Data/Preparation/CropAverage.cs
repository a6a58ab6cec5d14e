namespace Lamina;

/// <summary>Averages a model's outputs over the crops of each image.</summary>
public static class CropAverage
{
    /// <summary>Averages the rows of each image.</summary>
    /// <param name="outputs">(images × crops, classes), with the crops of an image adjacent.</param>
    /// <param name="crops">The number of crops per image, at least 1.</param>
    /// <returns>(images, classes); the outputs themselves for one crop.</returns>
    /// <exception cref="ShapeException">The outputs are not a matrix whose rows are a multiple of the crops.</exception>
    public static NDArray Of(NDArray outputs, int crops)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentOutOfRangeException.ThrowIfLessThan(crops, 1);
        if (outputs.Shape.Rank != 2 || outputs.Count % crops != 0)
        {
            throw new ShapeException(
                $"CropAverage: outputs of {outputs.Shape} are not (images × {crops} crops, classes)."
            );
        }
        if (crops == 1)
        {
            return outputs;
        }
        int classes = outputs.Shape[1]!.Value;
        var result = new NDArray(Shape.Of(outputs.Count / crops, classes));
        ReadOnlySpan<float> values = outputs.Values;
        for (int image = 0; image < result.Count; image++)
        {
            for (int c = 0; c < classes; c++)
            {
                double sum = 0;
                for (int crop = 0; crop < crops; crop++)
                {
                    sum += values[(((image * crops) + crop) * classes) + c];
                }
                result.Values[(image * classes) + c] = (float)(sum / crops);
            }
        }
        return result;
    }
}
