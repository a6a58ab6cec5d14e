namespace Lamina;

/// <summary>
/// A saved model as a folder, which is replaced atomically as a whole. Each new file is first placed beside the old
/// one, under a name with its checksum (<c>weights.0123456789abcdef.safetensors</c>); then model.json, which lists the
/// checksums, is renamed over the old one; then the files get their plain names. Readers prefer the name with the
/// checksum to the plain one, so at every moment the folder contains the old or the new model. The next save cleans up
/// after a killed one.
/// </summary>
internal static class ModelFolder
{
    private const int MarkLength = 16;
    private const int ReadAttempts = 3;

    /// <summary>Saves a model.</summary>
    /// <param name="path">The folder, created if necessary; other files in it are not touched.</param>
    /// <param name="parts">The files.</param>
    /// <param name="step">Called before each change, for tests that fail there.</param>
    /// <exception cref="LaminaException">A file cannot be written; the old model is intact.</exception>
    public static void Save(string path, IReadOnlyList<ModelPart> parts, Action<string>? step = null)
    {
        string folder = Path.GetFullPath(path);
        bool isNew = !Directory.Exists(folder);
        var placed = new List<string>();
        Manifest? old = null;
        bool committed = false;
        try
        {
            Directory.CreateDirectory(folder);
            foreach (string name in ModelPart.Names)
            {
                TemporaryFile.RemoveLeftovers(folder, name);
            }
            old = ReadManifest(folder);
            Tidy(folder, old, step);
            var files = new Dictionary<string, Checksum>(StringComparer.Ordinal);
            foreach (ModelPart part in parts)
            {
                files[part.Name] = Place(folder, part, placed, step);
            }
            var manifest = Manifest.Of(files);
            step?.Invoke("flush");
            FolderSync.Flush(folder);
            step?.Invoke("commit");
            byte[] bytes = manifest.ToBytes();
            AtomicFile.Replace(Path.Combine(folder, ModelPart.Manifest), stream => stream.Write(bytes));
            committed = true;
            Tidy(folder, manifest, step);
            FolderSync.Flush(folder);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            // Once model.json is renamed, the model is saved; the next save can clean up the rest.
            if (!committed)
            {
                throw FileErrors.CannotWrite(path, e);
            }
        }
        finally
        {
            if (!committed)
            {
                Withdraw(folder, placed, old, isNew);
            }
        }
    }

    /// <summary>Loads a model, and retries if it was replaced meanwhile.</summary>
    /// <exception cref="ModelFileException">The folder does not contain an intact model.</exception>
    public static T Load<T>(string folder, Func<ModelSource, T> read)
    {
        string file = Path.Combine(folder, ModelPart.Manifest);
        for (int attempt = 1; ; attempt++)
        {
            byte[] bytes = ReadManifestBytes(file, folder);
            try
            {
                return read(new FolderSource(folder, Manifest.Parse(bytes, file)));
            }
            catch (ModelFileException)
                when (attempt < ReadAttempts && !bytes.AsSpan().SequenceEqual(ReadManifestBytes(file, folder)))
            {
                // Another process replaced the model between two of its files; the new one is intact.
            }
        }
    }

    private static Checksum Place(string folder, ModelPart part, List<string> placed, Action<string>? step)
    {
        step?.Invoke($"create {part.Name}");
        using var file = TemporaryFile.Create(folder, part.Name);
        using var stream = new ChecksumWriteStream(file.Stream, () => step?.Invoke($"write {part.Name}"));
        part.Write(stream);
        Checksum checksum = stream.Checksum;
        string target = Path.Combine(folder, MarkedName(part.Name, checksum));
        step?.Invoke($"place {part.Name}");
        file.MoveTo(target);
        placed.Add(target);
        return checksum;
    }

    /// <summary>Gives a manifest's files their plain names, and removes files that belong to no manifest.</summary>
    private static void Tidy(string folder, Manifest? manifest, Action<string>? step)
    {
        if (manifest is null)
        {
            return;
        }
        foreach (string part in ModelPart.Names)
        {
            string plain = Path.Combine(folder, part);
            if (manifest.Files.TryGetValue(part, out Checksum? checksum))
            {
                string marked = Path.Combine(folder, MarkedName(part, checksum));
                if (File.Exists(marked))
                {
                    step?.Invoke($"rename {part}");
                    File.Move(marked, plain, overwrite: true);
                }
            }
            else if (File.Exists(plain))
            {
                step?.Invoke($"delete {part}");
                File.Delete(plain);
            }
            foreach (string path in Directory.GetFiles(folder))
            {
                if (IsMarked(Path.GetFileName(path), part))
                {
                    step?.Invoke($"delete marked {part}");
                    File.Delete(path);
                }
            }
        }
    }

    /// <summary>Removes the files that a failed save has placed, unless the old model's manifest names them.</summary>
    private static void Withdraw(string folder, List<string> placed, Manifest? old, bool isNew)
    {
        HashSet<string> kept =
        [
            .. (old?.Files ?? new Dictionary<string, Checksum>()).Select(f => MarkedName(f.Key, f.Value)),
        ];
        foreach (string path in placed.Where(p => !kept.Contains(Path.GetFileName(p))))
        {
            TemporaryFile.TryDelete(path);
        }
        try
        {
            if (isNew && Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
            {
                Directory.Delete(folder);
            }
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            // An empty folder is kept; the original failure is the one to report.
        }
    }

    private static string MarkedName(string part, Checksum checksum) =>
        $"{Path.GetFileNameWithoutExtension(part)}.{checksum.Sha256[..MarkLength]}{Path.GetExtension(part)}";

    private static bool IsMarked(string name, string part)
    {
        string start = $"{Path.GetFileNameWithoutExtension(part)}.";
        string end = Path.GetExtension(part);
        return name.Length == start.Length + MarkLength + end.Length
            && name.StartsWith(start, StringComparison.Ordinal)
            && name.EndsWith(end, StringComparison.Ordinal)
            && name.Skip(start.Length).Take(MarkLength).All(char.IsAsciiHexDigitLower);
    }

    private static Manifest? ReadManifest(string folder)
    {
        string file = Path.Combine(folder, ModelPart.Manifest);
        try
        {
            return Manifest.Parse(ReadManifestBytes(file, folder), file);
        }
        catch (ModelFileException)
        {
            // No model, or none that loads: there is nothing to preserve.
            return null;
        }
    }

    private static byte[] ReadManifestBytes(string file, string folder)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            if (stream.Length > Manifest.MaxLength)
            {
                throw new ModelFileException($"{file}: is longer than {Manifest.MaxLength} bytes.");
            }
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (FileNotFoundException e)
        {
            throw new ModelFileException(
                $"{folder}: is not a saved model: it does not contain {ModelPart.Manifest}.",
                e
            );
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotRead(file, e);
        }
    }

    private sealed class FolderSource(string folder, Manifest manifest) : ModelSource(manifest)
    {
        public override string Label(string part) => Path.Combine(folder, part);

        protected override (Stream Stream, long Length) OpenRaw(string part)
        {
            try
            {
                FileStream stream =
                    TryOpen(MarkedName(part, Manifest.Files[part]))
                    ?? TryOpen(part)
                    ?? throw new FileNotFoundException();
                return (stream, stream.Length);
            }
            catch (Exception e) when (FileErrors.IsFileError(e))
            {
                throw FileErrors.CannotRead(Label(part), e);
            }
        }

        public override FileStream OpenFile(string part)
        {
            var stream = (FileStream)OpenRaw(part).Stream;
            // The content is verified later: a model that was replaced meanwhile must not look damaged then.
            string file = Path.Combine(folder, ModelPart.Manifest);
            if (Manifest.Parse(ReadManifestBytes(file, folder), file).Files[part] != Manifest.Files[part])
            {
                stream.Dispose();
                throw new ModelFileException($"{folder}: was replaced while it was read. Try again.");
            }
            return stream;
        }

        private FileStream? TryOpen(string name)
        {
            try
            {
                return new FileStream(
                    Path.Combine(folder, name),
                    FileMode.Open,
                    FileAccess.Read,
                    FileShare.Read | FileShare.Delete,
                    bufferSize: 0
                );
            }
            catch (FileNotFoundException)
            {
                return null;
            }
        }
    }
}
