using System.Text.Json.Nodes;

namespace Lamina.Torch;

/// <summary>Factors of the samples' losses by class, which become sample weights.</summary>
internal sealed class ClassWeights
{
    private readonly IReadOnlyDictionary<int, double> _weights;

    /// <exception cref="LaminaException">A class is below 0, or a weight is not finite.</exception>
    public ClassWeights(IReadOnlyDictionary<int, double> weights)
    {
        _weights = weights;
        foreach ((int label, double weight) in weights)
        {
            if (label < 0 || !double.IsFinite(weight))
            {
                throw new LaminaException(
                    FormattableString.Invariant(
                        $"classWeight: the weight of class {label} is {weight}. Classes are at least 0, and weights finite."
                    )
                );
            }
        }
    }

    /// <summary>The weights as a config.</summary>
    public JsonObject ToJson() =>
        new(
            _weights
                .OrderBy(w => w.Key)
                .Select(w => KeyValuePair.Create(FormattableString.Invariant($"{w.Key}"), (JsonNode?)w.Value))
        );

    /// <summary>Returns a batch with the weights of its samples' classes; a class without a weight has 1.</summary>
    /// <exception cref="LaminaException">The batch has several targets or sample weights of its own.</exception>
    public Batch Apply(Batch batch)
    {
        if (batch.Targets is not [var target])
        {
            throw new LaminaException(
                $"classWeight needs one target, but a batch has {batch.Targets.Count}. Pass sampleWeight instead."
            );
        }
        if (batch.SampleWeights is not null)
        {
            throw new LaminaException("Pass classWeight or sample weights, not both.");
        }
        int size = target.Values.Length / Math.Max(1, target.Count);
        var weights = new NDArray([target.Count]);
        for (int i = 0; i < target.Count; i++)
        {
            ReadOnlySpan<float> row = target.Values.Slice(i * size, size);
            int label = size > 1 ? Greatest(row) : (int)MathF.Round(row[0]);
            weights[i] = (float)_weights.GetValueOrDefault(label, 1);
        }
        return batch with { SampleWeights = [weights] };
    }

    private static int Greatest(ReadOnlySpan<float> row)
    {
        int best = 0;
        for (int i = 1; i < row.Length; i++)
        {
            best = row[i] > row[best] ? i : best;
        }
        return best;
    }
}

/// <summary>A source whose batches have the weights of their classes.</summary>
internal sealed class ClassWeightedSource(IBatchSource source, ClassWeights weights) : IShardableSource
{
    public ClassWeights Weights => weights;

    public int Count => source.Count;

    public int BatchSize => source.BatchSize;

    public IEnumerable<Batch> Batches(int epoch, int skip = 0) => source.Batches(epoch, skip).Select(weights.Apply);

    public IBatchSource Shard(int rank, int size) =>
        new ClassWeightedSource(SlicedSource.Of(source, rank, size), weights);
}
