namespace Lamina.Torch;

/// <summary>
/// Chooses the folder of libtorch: that of LAMINA_LIBTORCH, otherwise the program's, otherwise an installed PyTorch's. For
/// CUDA, an installed PyTorch replaces a program's libtorch that computes on CPUs only.
/// </summary>
/// <param name="variable">The value of LAMINA_LIBTORCH; if set, no other folder is searched.</param>
/// <param name="baseDirectory">The program's folder.</param>
/// <param name="files">The platform's files.</param>
/// <param name="findPyTorch">Returns the <c>torch/lib</c> folder of an installed PyTorch; <see langword="null"/> without one.</param>
internal sealed class LibtorchChoice(
    string? variable,
    string baseDirectory,
    TorchFiles files,
    Func<string?> findPyTorch
)
{
    private readonly Lazy<LibtorchFolder?> _installed = new(() =>
        findPyTorch() is { } folder ? LibtorchFolder.Read(folder, LibtorchOrigin.PyTorch, files) : null
    );

    /// <summary>The installed PyTorch, which is searched for on first use; <see langword="null"/> without one.</summary>
    public LibtorchFolder? Installed => _installed.Value;

    /// <summary><see langword="true"/> if the variable is set, so that nothing else is used.</summary>
    public bool IsSet => !string.IsNullOrWhiteSpace(variable);

    /// <summary>Returns the folder to load.</summary>
    /// <param name="cuda"><see langword="true"/> if a GPU will be used.</param>
    /// <exception cref="TorchException">
    /// The variable does not name a folder with libtorch, or there is none at all.
    /// </exception>
    public LibtorchFolder Choose(bool cuda)
    {
        if (IsSet)
        {
            return LibtorchFolder.Read(
                TorchFiles.Locate(variable, baseDirectory, files),
                LibtorchOrigin.Variable,
                files
            );
        }
        LibtorchFolder? own = TorchFiles.Find(baseDirectory, files) is { } folder
            ? LibtorchFolder.Read(folder, LibtorchOrigin.Program, files)
            : null;
        if (own is not null && (!cuda || own.HasCuda))
        {
            return own;
        }
        if (Installed is { IsTooOld: false } installed && (installed.HasCuda || own is null))
        {
            return installed;
        }
        // The error says which folders were searched.
        return own ?? LibtorchFolder.Read(TorchFiles.Locate(null, baseDirectory, files), LibtorchOrigin.Program, files);
    }
}
