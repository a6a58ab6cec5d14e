using System.IO.Hashing;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Lamina;

/// <summary>
/// A .pth file as torch.save writes it since PyTorch 1.6: a zip archive of a pickle, data.pkl, and a stored file for
/// each storage. Values are read directly from the archive to their destination.
/// </summary>
internal sealed class PyTorchArchive : TensorSource
{
    private const int MaxPickle = 16 << 20;
    private const int BlockBytes = 1 << 18;

    // A network's state dict needs about one kilobyte per tensor.
    private const long BudgetBytes = 32L << 20;
    private const string PickleName = "data.pkl";

    private readonly SafeFileHandle _file;
    private readonly StoredZip _zip;
    private readonly string _folder;
    private readonly HashSet<StoredEntry> _verified = [];
    private readonly PyTorchTensor[] _weights;

    private PyTorchArchive(SafeFileHandle file, string path)
    {
        (_file, File) = (file, path);
        Length = RandomAccess.GetLength(file);
        RequireZip();
        _zip = new StoredZip(file, Length, path);
        _folder = FindFolder();
        byte[] pickle = _zip.ReadAll(_folder + PickleName, MaxPickle);
        Protocol = pickle.Length > 1 ? pickle[1] : 0;
        IsBigEndian = ReadByteOrder();
        var budget = new MemoryBudget(
            BudgetBytes,
            $"{path}: its pickle",
            "objects, more than any state dict. Save only model.state_dict()."
        );
        object? root = Unpickler.Load(pickle, path, budget, key => _zip.Get($"{_folder}data/{key}"));
        Content = new StateDict(root, path, budget);
        _weights = [.. Content.Weights.Select(t => new PyTorchTensor(t.Name, t.Tensor))];
    }

    /// <summary>Opens a file and reads everything except the tensors' values.</summary>
    /// <exception cref="ModelFileException">
    /// The file cannot be read, is malformed, or contains something that no state dict does.
    /// </exception>
    public static PyTorchArchive Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Checked(
            path,
            () =>
            {
                SafeFileHandle file = System.IO.File.OpenHandle(path, share: FileShare.Read | FileShare.Delete);
                try
                {
                    return new PyTorchArchive(file, path);
                }
                catch
                {
                    file.Dispose();
                    throw;
                }
            }
        );
    }

    public override string File { get; }

    /// <summary>The length of the file.</summary>
    public long Length { get; }

    /// <summary>The content of the pickle.</summary>
    public StateDict Content { get; }

    /// <summary>The pickle's protocol.</summary>
    public int Protocol { get; }

    /// <summary><see langword="true"/> if values are big-endian.</summary>
    public bool IsBigEndian { get; }

    public override IReadOnlyList<SourceTensor> Tensors => _weights;

    public override FloatReader Open(SourceTensor tensor)
    {
        RequireValues(tensor);
        var own = (PyTorchTensor)tensor;
        FloatReader reader = Checked(File, () => Reader(own));
        return values => Checked(File, reader, values);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }
    }

    private FloatReader Reader(PyTorchTensor tensor)
    {
        PickleTensor view = tensor.View;
        StoredEntry entry = view.Storage.Entry;
        long start = entry.Offset + (view.Offset * view.Type.Size());
        bool isSwapped = IsBigEndian == BitConverter.IsLittleEndian;
        if (tensor.IsContiguous && tensor.Bytes == entry.Length && !_verified.Contains(entry))
        {
            return new ContiguousReader(view.Type, isSwapped, Verifying(entry)).Read;
        }
        Verify(entry);
        ByteReader read = (offset, bytes) => _zip.ReadAt(start + offset, bytes);
        return tensor.IsContiguous
            ? new ContiguousReader(view.Type, isSwapped, read).Read
            : StridedReader.Open(view, isSwapped, (offset, bytes) => _zip.ReadAt(entry.Offset + offset, bytes), File);
    }

    // Reads all of an entry in order; its checksum is computed on the way.
    private ByteReader Verifying(StoredEntry entry)
    {
        var crc = new Crc32();
        return (offset, bytes) =>
        {
            _zip.ReadAt(entry.Offset + offset, bytes);
            crc.Append(bytes);
            if (offset + bytes.Length == entry.Length)
            {
                RequireCrc(crc, entry);
            }
        };
    }

    private void Verify(StoredEntry entry)
    {
        if (_verified.Contains(entry))
        {
            return;
        }
        var crc = new Crc32();
        var block = new byte[BlockBytes];
        for (long at = 0; at < entry.Length; at += block.Length)
        {
            Span<byte> part = block.AsSpan(0, (int)Math.Min(block.Length, entry.Length - at));
            _zip.ReadAt(entry.Offset + at, part);
            crc.Append(part);
        }
        RequireCrc(crc, entry);
    }

    private void RequireCrc(Crc32 crc, StoredEntry entry)
    {
        if (crc.GetCurrentHashAsUInt32() != entry.Crc)
        {
            throw _zip.Damaged(entry);
        }
        _verified.Add(entry);
    }

    private void RequireZip()
    {
        // PROTO 2, LONG1 of 10 bytes: the number with which files began before 1.6.
        ReadOnlySpan<byte> legacy = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
        Span<byte> start = stackalloc byte[(int)Math.Min(Length, legacy.Length)];
        RandomAccess.Read(_file, start, 0);
        if (start.SequenceEqual(legacy))
        {
            throw new ModelFileException(
                $"{File}: is in PyTorch's format before 1.6, not a zip archive. Save it again in Python: torch.save(torch.load('old.pth'), 'new.pth')."
            );
        }
        if (!start.StartsWith("PK\x03\x04"u8))
        {
            throw new ModelFileException($"{File}: is not a PyTorch file: it does not begin as a zip archive.");
        }
    }

    private string FindFolder()
    {
        string[] pickles =
        [
            .. _zip.Entries.Keys.Where(n =>
                n.EndsWith($"/{PickleName}", StringComparison.Ordinal) && n.Count(c => c == '/') == 1
            ),
        ];
        if (pickles.Length != 1)
        {
            throw new ModelFileException(
                $"{File}: is not a PyTorch state dict: it contains {(pickles.Length == 0 ? "no" : "more than one")} {PickleName}."
            );
        }
        string folder = pickles[0][..^PickleName.Length];
        return !_zip.Entries.ContainsKey($"{folder}constants.pkl")
            ? folder
            : throw new ModelFileException(
                $"{File}: is a TorchScript archive, a program. Save its weights in Python: torch.save(torch.jit.load('model.pt').state_dict(), 'weights.pth')."
            );
    }

    // A record since 2.0; earlier files are little-endian on all relevant machines.
    private bool ReadByteOrder()
    {
        if (!_zip.Entries.ContainsKey($"{_folder}byteorder"))
        {
            return false;
        }
        string order = Encoding.Latin1.GetString(_zip.ReadAll($"{_folder}byteorder", 16));
        return order switch
        {
            "little" => false,
            "big" => true,
            _ => throw new ModelFileException(
                $"{File}: its byteorder is {Quoted.Name(order)}, neither little nor big."
            ),
        };
    }

    private static T Checked<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotRead(path, e);
        }
        catch (NotSupportedException e)
        {
            throw new ModelFileException($"{path}: is a pipe or a device, not a file. Copy it to a file first.", e);
        }
    }

    private static void Checked(string path, FloatReader read, Span<float> values)
    {
        try
        {
            read(values);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotRead(path, e);
        }
    }
}
