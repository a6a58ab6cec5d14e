namespace Lamina.Serving;

/// <summary>The states of a model in the repository index.</summary>
internal enum ModelState
{
    Unavailable,
    Loading,
    Ready,
    Unloading,
}

/// <summary>A model that is or was served: its loaded versions, and why it is not ready if it is not.</summary>
/// <param name="Name">The name.</param>
/// <param name="State">The state.</param>
/// <param name="Reason">The reason for this state; empty if it is ready.</param>
/// <param name="Versions">The loaded versions, the highest last.</param>
internal sealed record ServedModel(string Name, ModelState State, string Reason, IReadOnlyList<ServedVersion> Versions)
{
    public bool IsReady => Versions.Count > 0;

    /// <summary>The version with this number, or the highest if it is null or empty.</summary>
    public ServedVersion? Find(string? version) =>
        string.IsNullOrEmpty(version)
            ? (Versions.Count > 0 ? Versions[^1] : null)
            : Versions.FirstOrDefault(v => v.Version == version);
}
