using System.Buffers.Binary;
using System.Text;

namespace Lamina;

/// <summary>
/// Reads a pickle (protocols 2 to 5, Python's Lib/pickletools.py) as far as torch.save writes it. Python names must be
/// on the list of <see cref="PickleGlobals"/>; they are never looked up and nothing is executed. Every length, position
/// and object is checked before memory is allocated, and nothing recurses.
/// </summary>
internal readonly ref struct Unpickler
{
    private const int ContainerBytes = 100;

    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _pickle;
    private readonly PickleCursor _cursor;
    private readonly MemoryBudget _budget;
    private readonly PickleObjects _objects;
    private readonly PickleStack _stack;

    private Unpickler(ReadOnlySpan<byte> pickle, string file, MemoryBudget budget, PickleObjects objects)
    {
        _pickle = pickle;
        _cursor = new PickleCursor(file);
        _stack = new PickleStack(_cursor, budget);
        _budget = budget;
        _objects = objects;
    }

    /// <summary>Reads a pickle.</summary>
    /// <param name="pickle">Its bytes.</param>
    /// <param name="file">The file's name in errors.</param>
    /// <param name="budget">The limit on the memory of its objects.</param>
    /// <param name="openStorage">Returns the file of a storage by its key.</param>
    /// <exception cref="ModelFileException">
    /// The pickle is malformed, or contains something that no state dict does.
    /// </exception>
    public static object? Load(
        ReadOnlySpan<byte> pickle,
        string file,
        MemoryBudget budget,
        Func<string, StoredEntry> openStorage
    ) => new Unpickler(pickle, file, budget, new PickleObjects(file, budget, openStorage)).Run();

    private object? Run()
    {
        if (_pickle.Length < 2 || _pickle[0] != 0x80 || _pickle[1] is < 2 or > 5)
        {
            throw Error("does not begin with a protocol from 2 to 5");
        }
        while (true)
        {
            byte opcode = Take(1)[0];
            if (opcode == (byte)'.')
            {
                object? result = _stack.Pop();
                return _stack.IsEmpty && _cursor.Position == _pickle.Length
                    ? result
                    : throw Error("ends before all of it is used");
            }
            Execute(opcode);
        }
    }

    private void Execute(byte opcode)
    {
        bool isKnown =
            Arrange(opcode)
            || PushNumber(opcode)
            || PushString(opcode)
            || PushContainer(opcode)
            || Fill(opcode)
            || Remember(opcode)
            || Build(opcode);
        if (!isKnown)
        {
            throw Error($"has the opcode 0x{opcode:x2}, which no state dict needs");
        }
    }

    /// <summary>Executes opcodes of the format, the stack and its marks.</summary>
    private bool Arrange(byte opcode)
    {
        switch (opcode)
        {
            case 0x80: // PROTO
                Take(1);
                break;
            case 0x95: // FRAME
                Take(8);
                break;
            case (byte)'(': // MARK
                _stack.Mark();
                break;
            case (byte)'0': // POP
                _stack.Pop();
                break;
            case (byte)'1': // POP_MARK
                _stack.PopToMark();
                break;
            case (byte)'2': // DUP
                _stack.Push(_stack.Top());
                break;
            default:
                return false;
        }
        return true;
    }

    /// <summary>Executes opcodes that push None, booleans and numbers.</summary>
    private bool PushNumber(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'N': // NONE
                _stack.Push(null);
                break;
            case 0x88: // NEWTRUE
            case 0x89: // NEWFALSE
                _stack.PushBoxed(opcode == 0x88);
                break;
            case (byte)'K': // BININT1
                _stack.PushBoxed((long)Take(1)[0]);
                break;
            case (byte)'M': // BININT2
                _stack.PushBoxed((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
                break;
            case (byte)'J': // BININT
                _stack.PushBoxed((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
                break;
            case 0x8a: // LONG1
                PushLong(Take(Take(1)[0]));
                break;
            case 0x8b: // LONG4
                PushLong(Take(Length(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))));
                break;
            case (byte)'G': // BINFLOAT
                _stack.PushBoxed(BinaryPrimitives.ReadDoubleBigEndian(Take(8)));
                break;
            default:
                return false;
        }
        return true;
    }

    /// <summary>Executes opcodes that push text and bytes.</summary>
    private bool PushString(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'X': // BINUNICODE
                PushText(Take(Length(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))));
                break;
            case 0x8c: // SHORT_BINUNICODE
            case (byte)'U': // SHORT_BINSTRING, of Python 2
                PushText(Take(Take(1)[0]));
                break;
            case 0x8d: // BINUNICODE8
                PushText(Take(Length(BinaryPrimitives.ReadUInt64LittleEndian(Take(8)))));
                break;
            case (byte)'T': // BINSTRING, of Python 2
                PushText(Take(Length(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))));
                break;
            case (byte)'C': // SHORT_BINBYTES
                Take(Take(1)[0]);
                _stack.Push(PickleOpaque.Instance);
                break;
            case (byte)'B': // BINBYTES
                Take(Length(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                _stack.Push(PickleOpaque.Instance);
                break;
            case 0x8e: // BINBYTES8
            case 0x96: // BYTEARRAY8
                Take(Length(BinaryPrimitives.ReadUInt64LittleEndian(Take(8))));
                _stack.Push(PickleOpaque.Instance);
                break;
            default:
                return false;
        }
        return true;
    }

    /// <summary>Executes opcodes that push lists, sets, dicts and tuples.</summary>
    private bool PushContainer(byte opcode)
    {
        switch (opcode)
        {
            case (byte)']': // EMPTY_LIST
            case 0x8f: // EMPTY_SET
                _budget.Spend(ContainerBytes);
                _stack.Push(new List<object?>());
                break;
            case (byte)'}': // EMPTY_DICT
                _budget.Spend(ContainerBytes);
                _stack.Push(new PickleDict());
                break;
            case (byte)')': // EMPTY_TUPLE
                _stack.Push(Array.Empty<object?>());
                break;
            case 0x85: // TUPLE1
            case 0x86: // TUPLE2
            case 0x87: // TUPLE3
                _stack.PushTuple(_stack.Count - (opcode - 0x84));
                break;
            case (byte)'t': // TUPLE
            case 0x91: // FROZENSET
                _stack.PushTuple(_stack.PopMark());
                break;
            default:
                return false;
        }
        return true;
    }

    /// <summary>Executes opcodes that add to containers.</summary>
    private bool Fill(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'a': // APPEND
                _stack.Append(_stack.Count - 1);
                break;
            case (byte)'e': // APPENDS
            case 0x90: // ADDITEMS
                _stack.Append(_stack.PopMark());
                break;
            case (byte)'s': // SETITEM
                _stack.SetItems(_stack.Count - 2);
                break;
            case (byte)'u': // SETITEMS
                _stack.SetItems(_stack.PopMark());
                break;
            default:
                return false;
        }
        return true;
    }

    /// <summary>Executes opcodes of the memo.</summary>
    private bool Remember(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'q': // BINPUT
                _stack.Memoize(Take(1)[0]);
                break;
            case (byte)'r': // LONG_BINPUT
                _stack.Memoize(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
                break;
            case 0x94: // MEMOIZE
                _stack.Memoize((uint)_stack.MemoCount);
                break;
            case (byte)'h': // BINGET
                _stack.Push(_stack.Recall(Take(1)[0]));
                break;
            case (byte)'j': // LONG_BINGET
                _stack.Push(_stack.Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                break;
            default:
                return false;
        }
        return true;
    }

    /// <summary>Executes opcodes that make objects.</summary>
    private bool Build(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'c': // GLOBAL
                string module = Line();
                PushGlobal(module, Line());
                break;
            case 0x93: // STACK_GLOBAL
                object? name = _stack.Pop();
                if (_stack.Pop() is not string moduleName || name is not string text)
                {
                    throw Error("uses a name that is not text");
                }
                PushGlobal(moduleName, text);
                break;
            case (byte)'Q': // BINPERSID
                _stack.Push(_objects.Storage(_stack.Pop()));
                break;
            case (byte)'R': // REDUCE
            case 0x81: // NEWOBJ
                object? arguments = _stack.Pop();
                _stack.Push(_objects.Call(_stack.Pop(), arguments));
                break;
            case (byte)'b': // BUILD
                // Attributes of a dict (its _metadata), which do not matter here.
                _stack.Pop();
                if (_stack.Top() is not PickleDict)
                {
                    throw Error("sets attributes of something that is not a dict");
                }
                break;
            default:
                return false;
        }
        return true;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _pickle.Length - _cursor.Position)
        {
            throw Error("ends too early");
        }
        _cursor.Position += count;
        return _pickle.Slice(_cursor.Position - count, count);
    }

    // As an int that Take rejects if it is too large.
    private int Length(ulong length) =>
        length <= (ulong)_pickle.Length ? (int)length : throw Error("has a text or number longer than the pickle");

    private string Line()
    {
        int length = _pickle[_cursor.Position..].IndexOf((byte)'\n');
        if (length < 0)
        {
            throw Error("ends too early");
        }
        string line = Text(Take(length));
        Take(1);
        return line;
    }

    private string Text(ReadOnlySpan<byte> bytes)
    {
        _budget.Spend(32 + (2L * bytes.Length));
        try
        {
            return s_strictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Error("has a text that is not UTF-8");
        }
    }

    private void PushText(ReadOnlySpan<byte> bytes) => _stack.Push(Text(bytes));

    private void PushLong(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 8)
        {
            // A number that cannot be a size or offset: a random seed.
            _stack.Push(PickleOpaque.Instance);
            return;
        }
        Span<byte> wide = stackalloc byte[8];
        wide.Fill(bytes.Length > 0 && (bytes[^1] & 0x80) != 0 ? (byte)0xff : (byte)0);
        bytes.CopyTo(wide);
        _stack.PushBoxed(BinaryPrimitives.ReadInt64LittleEndian(wide));
    }

    private void PushGlobal(string module, string name)
    {
        string full = $"{module}.{name}";
        _budget.Spend(ContainerBytes + (2L * full.Length));
        if (PickleGlobals.IsListed(full))
        {
            _stack.Push(new PickleGlobal(full));
            return;
        }
        string what =
            _stack.Count == 0
                ? $"is a pickled {Quoted.Name(full)}, not a state dict"
                : $"contains a pickled {Quoted.Name(full)}, which no state dict needs";
        throw new ModelFileException(
            $"{_cursor.File}: {what}; Lamina executes nothing from a file. If you trust it, load it in Python and save only the weights: torch.save(model.state_dict(), 'weights.pth')."
        );
    }

    private ModelFileException Error(string what) => _cursor.Error(what);
}
