using System.Buffers;

namespace Gigawatt.Wire.Responses;

/// <summary>One event of a stream of OpenAI responses that may carry the whole <c>response</c> object.</summary>
internal static class ResponseEvent
{
    /// <summary>Where the first event ends, behind its empty line; -1 when it is not whole.</summary>
    /// <param name="bytes">The stream from the event's first byte.</param>
    /// <param name="seen">Bytes at the beginning that were looked at already.</param>
    internal static int EndOf(ReadOnlySpan<byte> bytes, int seen)
    {
        for (int at = Math.Max(0, seen - 2); at < bytes.Length;)
        {
            int feed = bytes[at..].IndexOf((byte)'\n');
            if (feed < 0) { return -1; }
            int next = at + feed + 1;
            if (next < bytes.Length && bytes[next] == (byte)'\n') { return next + 1; }
            if (next + 1 < bytes.Length && bytes[next] == (byte)'\r' && bytes[next + 1] == (byte)'\n') { return next + 2; }
            at = next;
        }

        return -1;
    }

    /// <summary>Finds the <c>response</c> object of an event.</summary>
    /// <param name="bytes">A whole event.</param>
    /// <param name="data">Its data: the whole of it, on one line.</param>
    /// <param name="response">The object.</param>
    /// <param name="ends">Whether the event ends the stream with an answer, complete or cut short by a limit.</param>
    /// <returns>False for events without one.</returns>
    internal static bool TryFind(ReadOnlySpan<byte> bytes, out Range data, out ReadOnlySpan<byte> response, out bool ends)
    {
        (data, ends) = (default, false);
        response = default;
        // Inside a text the quotes would be escaped.
        if (bytes.IndexOf("\"response\":"u8) < 0) { return false; }
        foreach (Range line in bytes.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> text = bytes[line];
            if (!text.StartsWith("data:"u8)) { continue; }
            (int start, int length) = line.GetOffsetAndLength(bytes.Length);
            int skip = text.StartsWith("data: "u8) ? 6 : 5, end = text is [.., (byte)'\r'] ? length - 1 : length;
            data = (start + skip)..(start + end);
            response = JsonTop.Get(bytes[data], "response"u8);
            ends = JsonTop.Text(bytes[data], "type"u8) is "response.completed" or "response.incomplete";
            return response is [(byte)'{', ..];
        }

        return false;
    }

    /// <summary>Writes the event with another <c>response</c> object.</summary>
    internal static void Write(ReadOnlySpan<byte> bytes, Range data, ReadOnlyMemory<byte> response, IBufferWriter<byte> to)
    {
        (int start, int length) = data.GetOffsetAndLength(bytes.Length);
        to.Write(bytes[..start]);
        to.Write(JsonTop.With(bytes[data], ("response", response)) ?? bytes[data]);
        to.Write(bytes[(start + length)..]);
    }
}
