using System.Text;
using System.Text.Json;
using Gigawatt.Models;
using Gigawatt.Wire.Translation.Answers;

namespace Gigawatt.Wire.Translation.Streams;

/// <summary>Reads the events of one format and tells them to a writer.</summary>
internal abstract class StreamReader(StreamWriter writer, Notes notes, CacheTokenConvention convention)
{
    private ReportedUsage _reported;
    private bool _started;

    /// <summary>Whether the provider said that the answer is complete, and it was told so.</summary>
    internal bool Ended { get; private set; }

    protected StreamWriter Writer => writer;

    protected Notes Notes => notes;

    /// <summary>The counts told last; null before there are any of the answer.</summary>
    private TokenUsage? Usage => _reported.Output is null ? null : _reported.Normalised(convention);

    /// <summary>Reads the data of one event; what it cannot tell is an error in the notes. Throws what <see cref="Utf8JsonReader"/> throws, before it writes anything.</summary>
    internal abstract void Read(ReadOnlySpan<byte> data);

    /// <summary>Reads the data of an event that its name calls an error, whatever form its data has.</summary>
    internal void ReadError(ReadOnlySpan<byte> data) => Fail(data);

    /// <summary>The provider sends nothing more: ends the answer if only the mark of its end is missing.</summary>
    internal virtual void Complete() { }

    protected void Start(ReadOnlySpan<byte> id)
    {
        if (_started) { return; }
        _started = true;
        writer.Start(AnswerIds.Stem(Encoding.UTF8.GetString(JsonSlices.Inside(id)), []), _reported.Input is null ? null : _reported.Normalised(convention));
    }

    protected void EnsureStarted() => Start(default);

    protected void Finish(Stop stop, ReadOnlySpan<byte> stopSequence = default)
    {
        if (Ended) { return; }
        EnsureStarted();
        TokenUsage? usage = Usage;
        if (!stopSequence.IsEmpty) { notes.LeaveOut("stop_sequence"); } // Only Anthropic's API has a place for it, and no stream of its own is translated to it.
        if (usage is null && writer.NeedsUsage) { notes.LeaveOut("usage (the provider told none)"); }
        writer.Mention(notes.NotCarried);
        writer.Finish(stop, usage);
        Ended = true;
    }

    /// <summary>Reads a usage object. What it tells replaces what was told before.</summary>
    protected void ReadUsage(ReadOnlySpan<byte> usage)
    {
        if (!JsonSlices.IsObject(usage)) { return; }
        Utf8JsonReader reader = new(usage);
        reader.Read();
        _reported.Read(ref reader);
    }

    protected void Fail(ReadOnlySpan<byte> error)
    {
        ErrorTranslator.TryRead(error, 0, out ApiError read);
        notes.Fail(read);
    }

    protected void Unknown(string what, ReadOnlySpan<byte> type) =>
        notes.Fail(new(ApiErrorKind.BadGateway, $"The provider's answer has {what} '{Encoding.UTF8.GetString(type[..Math.Min(type.Length, 64)])}', which cannot be told in the format of this API. Choose a model that is served on the API you call."));

    protected void Malformed(string what) =>
        notes.Fail(new(ApiErrorKind.BadGateway, $"The provider's stream cannot be read: {what}."));
}
