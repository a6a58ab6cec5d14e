namespace Lamina;

/// <summary>Extensions that turn predictions into class names.</summary>
public static class PredictionDecoding
{
    extension(NDArray predictions)
    {
        /// <summary>Returns the classes with the highest scores of each sample, best first, like Keras's decode_predictions.</summary>
        /// <param name="classNames">The names of the classes, in the order of the output.</param>
        /// <param name="top">The number of classes to return, at least 1.</param>
        /// <exception cref="ShapeException">The predictions are not (samples, classes) with a name for each class.</exception>
        public IReadOnlyList<IReadOnlyList<ClassScore>> DecodePredictions(IReadOnlyList<string> classNames, int top = 5)
        {
            ArgumentNullException.ThrowIfNull(classNames);
            ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
            if (predictions.Shape.Rank != 2 || predictions.Shape[1] != classNames.Count)
            {
                throw new ShapeException(
                    $"Predictions {predictions.Shape} do not have one score for each of {classNames.Count} class names."
                );
            }
            var result = new IReadOnlyList<ClassScore>[predictions.Count];
            for (int i = 0; i < result.Length; i++)
            {
                float[] scores = predictions.Samples(i, 1).Values.ToArray();
                result[i] =
                [
                    .. scores
                        .Select((score, index) => new ClassScore(index, classNames[index], score))
                        .OrderByDescending(c => c.Probability)
                        .Take(top),
                ];
            }
            return result;
        }
    }
}
