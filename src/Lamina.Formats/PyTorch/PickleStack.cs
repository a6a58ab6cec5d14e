using System.Runtime.InteropServices;

namespace Lamina;

/// <summary>
/// The stack, marks and memo of a pickle that is read. Every access is checked, and what they hold is counted against a
/// budget.
/// </summary>
/// <param name="cursor">The position, for errors.</param>
/// <param name="budget">The limit on the memory.</param>
internal sealed class PickleStack(PickleCursor cursor, MemoryBudget budget)
{
    private const int MaxStack = 1 << 20;
    private const int ReferenceBytes = 16;
    private const int MemoBytes = 56;
    private const int BoxBytes = 24;

    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = new();
    private readonly Dictionary<uint, object?> _memo = [];
    private int _highest;

    /// <summary>The number of values.</summary>
    public int Count => _stack.Count;

    /// <summary>The number of values in the memo.</summary>
    public int MemoCount => _memo.Count;

    /// <summary><see langword="true"/> if there are neither values nor marks.</summary>
    public bool IsEmpty => _stack.Count == 0 && _marks.Count == 0;

    /// <summary>Marks the place of the next value.</summary>
    public void Mark()
    {
        Grow(_marks.Count + 1);
        _marks.Push(_stack.Count);
    }

    private void Grow(int count)
    {
        if (count > _highest)
        {
            if (count > MaxStack)
            {
                throw cursor.Error("needs a larger stack than any state dict");
            }
            budget.Spend(ReferenceBytes);
            _highest = count;
        }
    }

    /// <summary>Pushes a value.</summary>
    public void Push(object? value)
    {
        Grow(_stack.Count + 1);
        _stack.Add(value);
    }

    /// <summary>Pushes a number or boolean.</summary>
    public void PushBoxed(object value)
    {
        budget.Spend(BoxBytes);
        Push(value);
    }

    private int Floor => _marks.TryPeek(out int mark) ? mark : 0;

    /// <summary>Removes and returns the top.</summary>
    public object? Pop()
    {
        object? top = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    /// <summary>Returns the top.</summary>
    public object? Top() => _stack.Count > Floor ? _stack[^1] : throw cursor.Error("takes more than there is");

    /// <summary>Removes the last mark, and returns its place.</summary>
    public int PopMark()
    {
        if (_marks.Count == 0)
        {
            throw cursor.Error("takes more than there is");
        }
        return _marks.Pop();
    }

    /// <summary>Removes the last mark and what is above it.</summary>
    public void PopToMark()
    {
        int mark = PopMark();
        _stack.RemoveRange(mark, _stack.Count - mark);
    }

    /// <summary>Replaces the values from a place on by a tuple of them.</summary>
    public void PushTuple(int first)
    {
        if (first < Floor)
        {
            throw cursor.Error("takes more than there is");
        }
        int count = _stack.Count - first;
        budget.Spend(32 + (8L * count));
        object?[] tuple = CollectionsMarshal.AsSpan(_stack)[first..].ToArray();
        _stack.RemoveRange(first, count);
        Push(tuple);
    }

    /// <summary>Moves the values from a place on into the list below them.</summary>
    public void Append(int first)
    {
        if (first <= Floor || _stack[first - 1] is not List<object?> list)
        {
            throw cursor.Error("appends to something that is not a list");
        }
        ReadOnlySpan<object?> items = CollectionsMarshal.AsSpan(_stack)[first..];
        budget.Spend((long)ReferenceBytes * items.Length);
        list.AddRange(items);
        _stack.RemoveRange(first, items.Length);
    }

    /// <summary>Moves the keys and values from a place on into the dict below them.</summary>
    public void SetItems(int first)
    {
        if (first <= Floor || _stack[first - 1] is not PickleDict dict)
        {
            throw cursor.Error("sets items of something that is not a dict");
        }
        ReadOnlySpan<object?> items = CollectionsMarshal.AsSpan(_stack)[first..];
        if (items.Length % 2 != 0)
        {
            throw cursor.Error("sets an item without a value");
        }
        budget.Spend((long)ReferenceBytes * items.Length * 2);
        for (int i = 0; i < items.Length; i += 2)
        {
            dict.Items.Add((items[i], items[i + 1]));
        }
        _stack.RemoveRange(first, items.Length);
    }

    /// <summary>Stores the top in the memo.</summary>
    public void Memoize(uint index)
    {
        budget.Spend(MemoBytes);
        _memo[index] = Top();
    }

    /// <summary>Returns a value of the memo.</summary>
    public object? Recall(uint index) =>
        _memo.TryGetValue(index, out object? value)
            ? value
            : throw cursor.Error("recalls a value that it did not store");
}
