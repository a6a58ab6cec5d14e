using System.Text.Json.Serialization;

namespace Lamina.Torch;

/// <summary>Python's last answer about PyTorch, as it is kept in a file.</summary>
/// <param name="Key">The interpreter and its environment.</param>
/// <param name="Folder">The folder with the libraries; <see langword="null"/> without PyTorch.</param>
/// <param name="Watched">The module folders, with the times of their last change.</param>
internal sealed record PyTorchAnswer(string Key, string? Folder, Dictionary<string, long> Watched);

/// <summary>The serialization of answers, without reflection.</summary>
[JsonSerializable(typeof(PyTorchAnswer))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class PyTorchJson : JsonSerializerContext;
