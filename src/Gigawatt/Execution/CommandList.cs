using Gigawatt.Units;

namespace Gigawatt.Execution;

/// <summary>The commands of a step, in order, in a buffer that is used again and again.</summary>
public sealed class CommandList
{
    private Command[] _items = new Command[64];
    private int _count;

    /// <summary>The commands so far.</summary>
    public ReadOnlySpan<Command> Items => _items.AsSpan(0, _count);

    /// <summary>Forgets all commands and keeps the buffer.</summary>
    public void Clear()
    {
        Array.Clear(_items, 0, _count);
        _count = 0;
    }

    internal void Add(in Command command)
    {
        if (_count == _items.Length) { Array.Resize(ref _items, _count * 2); }
        _items[_count++] = command;
    }

    internal StableHash FoldInto(StableHash hash, int from)
    {
        for (int i = from; i < _count; i++) { hash = _items[i].FoldInto(hash); }
        return hash;
    }

    internal int Count => _count;
}
