namespace Lamina;

/// <summary>The weights of a saved model in its mapped file, whose checksum another thread verifies.</summary>
internal sealed class MappedWeights
{
    private readonly SafetensorsMap _map;
    private readonly string _file;

    private MappedWeights(SafetensorsMap map, Checksum expected, string file)
    {
        (_map, _file) = (map, file);
        // A thread of its own: the pool's first thread may be busy, or start late.
        Verification = Task.Factory.StartNew(
            () => ChecksumReadStream.Verify(map.Sha256(), expected, file),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
    }

    /// <summary>The verification, which fails with a <see cref="ModelFileException"/> if the file is damaged.</summary>
    public Task Verification { get; }

    /// <summary>Maps the weights; returns <see langword="null"/> if they are not in a file that can be mapped.</summary>
    /// <exception cref="ModelFileException">The file is missing or malformed, or has the wrong length.</exception>
    public static MappedWeights? TryOpen(ModelSource source)
    {
        string label = source.Label(ModelPart.Weights);
        Checksum expected = source.Manifest.Files[ModelPart.Weights];
        if (source.OpenFile(ModelPart.Weights) is not { } stream)
        {
            return null;
        }
        try
        {
            source.RequireLength(ModelPart.Weights, stream.Length);
            return new MappedWeights(SafetensorsMap.Of(label, stream), expected, label);
        }
        catch (IOException)
        {
            // Some file systems can read files but not map them.
            stream.Dispose();
            return null;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Sets a model's weights to views of the file, which must be exactly those of the file.</summary>
    /// <exception cref="ModelFileException">A tensor is missing, left over, or does not match.</exception>
    public void Set(Model model)
    {
        foreach ((SafetensorsTensor tensor, Weight weight) in WeightsFile.Pairs(model, _map.Tensors, _file))
        {
            if (_map.View(tensor) is { } values)
            {
                weight.TakeValues(new MappedValues(values));
            }
            else
            {
                weight.SetValues(_map[tensor.Name].Values);
            }
        }
    }
}
