namespace Lamina;

/// <summary>Extensions for every model with Keras's <c>save</c>, <c>save_weights</c> and <c>load_weights</c>.</summary>
public static class ModelSaving
{
    extension(Model model)
    {
        /// <summary>
        /// Saves the model in the format of the file's extension: <c>.lamina</c>, <c>.keras</c>, <c>.h5</c>, <c>.onnx</c>…
        /// </summary>
        /// <param name="path">The file.</param>
        /// <param name="options">Metadata, and options of single formats.</param>
        /// <exception cref="ModelFileException">The extension has no format that can be written, or writing failed.</exception>
        public void Save(string path, ModelWriteOptions? options = null) => Writer(path).Save(model, path, options);

        /// <summary>
        /// Saves the weights in the format of the file's extension: <c>.weights.h5</c>, <c>.safetensors</c>, <c>.pth</c>…
        /// </summary>
        /// <param name="path">The file.</param>
        /// <exception cref="ModelFileException">The extension has no format that can be written, or writing failed.</exception>
        public void SaveWeights(string path) => Writer(path).Save(model, path);

        /// <summary>Replaces the weights by those of a file, whose format is recognized by its content.</summary>
        /// <param name="path">The file.</param>
        /// <exception cref="ModelFileException">The file cannot be read, or its weights do not match the model.</exception>
        public void LoadWeights(string path) => ModelFormats.Find(path).LoadWeights(model, path);
    }

    private static ModelFormat Writer(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ModelFormats.ByExtension(path) is { CanSave: true } format
            ? format
            : throw new ModelFileException(
                $"{path}: the extension names no format that Lamina writes. Use one of {string.Join(", ", ModelFormats.All.Where(f => f.CanSave).SelectMany(f => f.Extensions).Distinct())}."
            );
    }
}
