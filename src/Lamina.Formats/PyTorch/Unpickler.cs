using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Lamina;

/// <summary>
/// Reads a pickle (protocols 2 to 5, Python's Lib/pickletools.py) as far as torch.save writes it. Python names must be
/// on the list of <see cref="PickleGlobals"/>; they are never looked up and nothing is executed. Every length, position
/// and object is checked before memory is allocated, and nothing recurses.
/// </summary>
internal ref struct Unpickler
{
    private const int MaxStack = 1 << 20;
    private const int ReferenceBytes = 16;
    private const int MemoBytes = 56;
    private const int BoxBytes = 24;
    private const int ContainerBytes = 100;

    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _pickle;
    private readonly string _file;
    private readonly MemoryBudget _budget;
    private readonly PickleObjects _objects;
    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = new();
    private readonly Dictionary<uint, object?> _memo = [];
    private int _position;
    private int _highest;

    private Unpickler(ReadOnlySpan<byte> pickle, string file, MemoryBudget budget, PickleObjects objects)
    {
        _pickle = pickle;
        _file = file;
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
                object? result = Pop();
                return _stack.Count == 0 && _marks.Count == 0 && _position == _pickle.Length
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
                Grow(_marks.Count + 1);
                _marks.Push(_stack.Count);
                break;
            case (byte)'0': // POP
                Pop();
                break;
            case (byte)'1': // POP_MARK
                PopToMark();
                break;
            case (byte)'2': // DUP
                Push(Top());
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
                Push(null);
                break;
            case 0x88: // NEWTRUE
            case 0x89: // NEWFALSE
                PushBoxed(opcode == 0x88);
                break;
            case (byte)'K': // BININT1
                PushBoxed((long)Take(1)[0]);
                break;
            case (byte)'M': // BININT2
                PushBoxed((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
                break;
            case (byte)'J': // BININT
                PushBoxed((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
                break;
            case 0x8a: // LONG1
                PushLong(Take(Take(1)[0]));
                break;
            case 0x8b: // LONG4
                PushLong(Take(Length(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))));
                break;
            case (byte)'G': // BINFLOAT
                PushBoxed(BinaryPrimitives.ReadDoubleBigEndian(Take(8)));
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
                Push(PickleOpaque.Instance);
                break;
            case (byte)'B': // BINBYTES
                Take(Length(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                Push(PickleOpaque.Instance);
                break;
            case 0x8e: // BINBYTES8
            case 0x96: // BYTEARRAY8
                Take(Length(BinaryPrimitives.ReadUInt64LittleEndian(Take(8))));
                Push(PickleOpaque.Instance);
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
                Push(new List<object?>());
                break;
            case (byte)'}': // EMPTY_DICT
                _budget.Spend(ContainerBytes);
                Push(new PickleDict());
                break;
            case (byte)')': // EMPTY_TUPLE
                Push(Array.Empty<object?>());
                break;
            case 0x85: // TUPLE1
            case 0x86: // TUPLE2
            case 0x87: // TUPLE3
                PushTuple(_stack.Count - (opcode - 0x84));
                break;
            case (byte)'t': // TUPLE
            case 0x91: // FROZENSET
                PushTuple(PopMark());
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
                Append(_stack.Count - 1);
                break;
            case (byte)'e': // APPENDS
            case 0x90: // ADDITEMS
                Append(PopMark());
                break;
            case (byte)'s': // SETITEM
                SetItems(_stack.Count - 2);
                break;
            case (byte)'u': // SETITEMS
                SetItems(PopMark());
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
                Memoize(Take(1)[0]);
                break;
            case (byte)'r': // LONG_BINPUT
                Memoize(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
                break;
            case 0x94: // MEMOIZE
                Memoize((uint)_memo.Count);
                break;
            case (byte)'h': // BINGET
                Push(Recall(Take(1)[0]));
                break;
            case (byte)'j': // LONG_BINGET
                Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
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
                object? name = Pop();
                if (Pop() is not string moduleName || name is not string text)
                {
                    throw Error("uses a name that is not text");
                }
                PushGlobal(moduleName, text);
                break;
            case (byte)'Q': // BINPERSID
                Push(_objects.Storage(Pop()));
                break;
            case (byte)'R': // REDUCE
            case 0x81: // NEWOBJ
                object? arguments = Pop();
                Push(_objects.Call(Pop(), arguments));
                break;
            case (byte)'b': // BUILD
                // Attributes of a dict (its _metadata), which do not matter here.
                Pop();
                if (Top() is not PickleDict)
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
        if (count > _pickle.Length - _position)
        {
            throw Error("ends too early");
        }
        _position += count;
        return _pickle.Slice(_position - count, count);
    }

    // As an int that Take rejects if it is too large.
    private readonly int Length(ulong length) =>
        length <= (ulong)_pickle.Length ? (int)length : throw Error("has a text or number longer than the pickle");

    private string Line()
    {
        int length = _pickle[_position..].IndexOf((byte)'\n');
        if (length < 0)
        {
            throw Error("ends too early");
        }
        string line = Text(Take(length));
        Take(1);
        return line;
    }

    private readonly string Text(ReadOnlySpan<byte> bytes)
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

    private void Grow(int count)
    {
        if (count > _highest)
        {
            if (count > MaxStack)
            {
                throw Error("needs a larger stack than any state dict");
            }
            _budget.Spend(ReferenceBytes);
            _highest = count;
        }
    }

    private void Push(object? value)
    {
        Grow(_stack.Count + 1);
        _stack.Add(value);
    }

    private void PushBoxed(object value)
    {
        _budget.Spend(BoxBytes);
        Push(value);
    }

    private void PushText(ReadOnlySpan<byte> bytes) => Push(Text(bytes));

    private void PushLong(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 8)
        {
            // A number that cannot be a size or offset: a random seed.
            Push(PickleOpaque.Instance);
            return;
        }
        Span<byte> wide = stackalloc byte[8];
        wide.Fill(bytes.Length > 0 && (bytes[^1] & 0x80) != 0 ? (byte)0xff : (byte)0);
        bytes.CopyTo(wide);
        PushBoxed(BinaryPrimitives.ReadInt64LittleEndian(wide));
    }

    private void PushGlobal(string module, string name)
    {
        string full = $"{module}.{name}";
        _budget.Spend(ContainerBytes + (2L * full.Length));
        if (PickleGlobals.IsListed(full))
        {
            Push(new PickleGlobal(full));
            return;
        }
        string what =
            _stack.Count == 0
                ? $"is a pickled {Quoted.Name(full)}, not a state dict"
                : $"contains a pickled {Quoted.Name(full)}, which no state dict needs";
        throw new ModelFileException(
            $"{_file}: {what}; Lamina executes nothing from a file. If you trust it, load it in Python and save only the weights: torch.save(model.state_dict(), 'weights.pth')."
        );
    }

    private readonly int Floor => _marks.TryPeek(out int mark) ? mark : 0;

    private object? Pop()
    {
        object? top = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private readonly object? Top() => _stack.Count > Floor ? _stack[^1] : throw Error("takes more than there is");

    private int PopMark()
    {
        if (_marks.Count == 0)
        {
            throw Error("takes more than there is");
        }
        return _marks.Pop();
    }

    private void PopToMark()
    {
        int mark = PopMark();
        _stack.RemoveRange(mark, _stack.Count - mark);
    }

    private void PushTuple(int first)
    {
        if (first < Floor)
        {
            throw Error("takes more than there is");
        }
        int count = _stack.Count - first;
        _budget.Spend(32 + (8L * count));
        object?[] tuple = CollectionsMarshal.AsSpan(_stack)[first..].ToArray();
        _stack.RemoveRange(first, count);
        Push(tuple);
    }

    private readonly void Append(int first)
    {
        if (first <= Floor || _stack[first - 1] is not List<object?> list)
        {
            throw Error("appends to something that is not a list");
        }
        ReadOnlySpan<object?> items = CollectionsMarshal.AsSpan(_stack)[first..];
        _budget.Spend((long)ReferenceBytes * items.Length);
        list.AddRange(items);
        _stack.RemoveRange(first, items.Length);
    }

    private readonly void SetItems(int first)
    {
        if (first <= Floor || _stack[first - 1] is not PickleDict dict)
        {
            throw Error("sets items of something that is not a dict");
        }
        ReadOnlySpan<object?> items = CollectionsMarshal.AsSpan(_stack)[first..];
        if (items.Length % 2 != 0)
        {
            throw Error("sets an item without a value");
        }
        _budget.Spend((long)ReferenceBytes * items.Length * 2);
        for (int i = 0; i < items.Length; i += 2)
        {
            dict.Items.Add((items[i], items[i + 1]));
        }
        _stack.RemoveRange(first, items.Length);
    }

    private readonly void Memoize(uint index)
    {
        _budget.Spend(MemoBytes);
        _memo[index] = Top();
    }

    private readonly object? Recall(uint index) =>
        _memo.TryGetValue(index, out object? value) ? value : throw Error("recalls a value that it did not store");

    private readonly ModelFileException Error(string what) =>
        new($"{_file}: its pickle {what} (byte {_position}). Use another copy of the file.");
}
