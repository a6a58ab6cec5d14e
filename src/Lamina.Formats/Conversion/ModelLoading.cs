namespace Lamina;

/// <summary>Extensions of the class of models with Keras's <c>load_model</c>.</summary>
public static class ModelLoading
{
    extension(Model)
    {
        /// <summary>Loads a model from a file or folder, whose format is recognized by its content.</summary>
        /// <param name="path">The file or folder.</param>
        /// <exception cref="ModelFileException">The file cannot be read, or contains weights only.</exception>
        public static Model Load(string path) => ModelFormats.Find(path).Load(path).Model;
    }
}
