using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Gigawatt.Models;
using Gigawatt.Wire.Translation.Answers;

namespace Gigawatt.Wire.Translation.Streams;

/// <summary>Writes the events of one format. Texts come and go with their escapes; nothing it is told can make it throw.</summary>
internal abstract class StreamWriter
{
    /// <summary>Where the events of the bytes at hand go.</summary>
    internal IBufferWriter<byte> Output { get; set; } = null!;

    /// <summary>Bytes held back; the translator bounds them.</summary>
    internal virtual long Held => 0;

    /// <summary>The answer begins.</summary>
    /// <param name="stem">Of the answer's id.</param>
    /// <param name="usage">The prompt's tokens where the provider tells them first, or null.</param>
    internal abstract void Start(string stem, TokenUsage? usage);

    internal abstract void Text(ReadOnlySpan<byte> text);

    internal abstract void Refusal(ReadOnlySpan<byte> text);

    /// <summary>The text before ends here, where the provider tells; tool calls end one too.</summary>
    internal abstract void EndText();

    /// <summary>A tool call begins. <paramref name="key"/> is not that of another one.</summary>
    internal abstract void StartCall(int key, ReadOnlySpan<byte> id, ReadOnlySpan<byte> name);

    internal abstract void Arguments(int key, ReadOnlySpan<byte> text);

    /// <summary>The call's arguments are complete.</summary>
    internal abstract void EndCall(int key);

    /// <summary>The answer is complete.</summary>
    internal abstract void Finish(Stop stop, TokenUsage? usage);

    /// <summary>Whether the format's clients cannot do without counts.</summary>
    internal virtual bool NeedsUsage => false;

    /// <summary>Names what was left out, in a comment, which clients skip: the headers are sent by then.</summary>
    internal void Mention(IReadOnlyList<string> notCarried)
    {
        if (notCarried.Count == 0) { return; }
        Put(": x-gigawatt-not-carried: "u8);
        for (int i = 0; i < notCarried.Count; i++)
        {
            if (i > 0) { Put(", "u8); }
            Put(notCarried[i]);
        }

        Put("\n\n"u8);
    }

    /// <summary>The answer ends with an error.</summary>
    internal abstract void Error(ApiError error, string requestId);

    protected void Put(ReadOnlySpan<byte> bytes) => Output.Write(bytes);

    protected void Put(string text) => Encoding.UTF8.GetBytes(text, Output);

    protected void Put(long number)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, digits, out int written);
        Output.Write(digits[..written]);
    }
}
