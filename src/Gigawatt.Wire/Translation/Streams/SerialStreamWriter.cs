using System.Buffers;

namespace Gigawatt.Wire.Translation.Streams;

/// <summary>For the two formats whose blocks follow one another: of blocks that are open together, the first goes out as it
/// comes, and the others are held until their turn.</summary>
/// <remarks>A chat completions server may send the pieces of several tool calls in any order, and says of none that it is
/// complete before all are. Anthropic's clients take two open blocks for one.</remarks>
internal abstract class SerialStreamWriter : StreamWriter
{
    private const int BlockCost = 256; // what a block takes besides its text, for the bound

    private readonly List<Block> _waiting = [];
    private long _held;

    internal enum BlockKind
    {
        Text,
        Refusal,
        Call,
    }

    internal sealed class Block(BlockKind kind, int key, byte[] id, byte[] name)
    {
        internal BlockKind Kind => kind;

        internal int Key => key;

        internal ReadOnlySpan<byte> Id => id;

        internal ReadOnlySpan<byte> Name => name;

        internal bool Opened { get; set; }

        internal bool Ended { get; set; }

        internal ArrayBufferWriter<byte>? Text { get; set; }
    }

    internal override long Held => _held;

    /// <summary>Whether a refusal was written.</summary>
    protected bool Refused { get; private set; }

    protected abstract void Open(Block block);

    protected abstract void Delta(Block block, ReadOnlySpan<byte> text);

    protected abstract void Close(Block block);

    /// <summary>Bytes that a writer keeps for itself count like those that wait.</summary>
    protected void Hold(long bytes) => _held += bytes;

    internal override void Text(ReadOnlySpan<byte> text) => Say(BlockKind.Text, text);

    internal override void Refusal(ReadOnlySpan<byte> text)
    {
        Refused = true;
        Say(BlockKind.Refusal, text);
    }

    internal override void EndText()
    {
        if (_waiting is [.., { Kind: not BlockKind.Call } last]) { last.Ended = true; }
        Advance();
    }

    internal override void StartCall(int key, ReadOnlySpan<byte> id, ReadOnlySpan<byte> name)
    {
        EndText();
        Add(new(BlockKind.Call, key, id.ToArray(), name.ToArray()));
        Hold(id.Length + name.Length);
    }

    internal override void Arguments(int key, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty && FindCall(key) is { } call) { Write(call, text); }
    }

    internal override void EndCall(int key)
    {
        if (FindCall(key) is { } call) { call.Ended = true; }
        Advance();
    }

    /// <summary>Brings out all that waits.</summary>
    protected void EndAll()
    {
        foreach (Block block in _waiting) { block.Ended = true; }
        Advance();
    }

    private Block? FindCall(int key)
    {
        foreach (Block block in _waiting)
        {
            if (block.Kind == BlockKind.Call && block.Key == key) { return block; }
        }

        return null;
    }

    private void Say(BlockKind kind, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) { return; }
        if (_waiting is not [.., { Ended: false } last] || last.Kind != kind)
        {
            EndText();
            last = new(kind, -1, [], []);
            Add(last);
        }

        Write(last, text);
    }

    private void Add(Block block)
    {
        _waiting.Add(block);
        Hold(BlockCost);
        Advance();
    }

    private void Write(Block block, ReadOnlySpan<byte> text)
    {
        if (block.Opened)
        {
            Delta(block, text);
            return;
        }

        block.Text ??= new();
        block.Text.Write(text);
        Hold(text.Length);
    }

    private void Advance()
    {
        while (_waiting.Count > 0)
        {
            Block first = _waiting[0];
            if (!first.Opened)
            {
                first.Opened = true;
                Open(first);
                if (first.Text is { } text)
                {
                    first.Text = null;
                    Hold(-text.WrittenCount);
                    Delta(first, text.WrittenSpan);
                }
            }

            if (!first.Ended) { return; }
            Close(first);
            _waiting.RemoveAt(0);
        }
    }
}
