using System.Buffers;
using System.Text;
using Gigawatt.Models;
using Gigawatt.Wire;
using Gigawatt.Wire.Translation;

namespace Gigawatt.Tests.Wire.Translation;

/// <summary>A stream as the host translates it: fed as it comes, completed or broken off at its end.</summary>
internal static class Streamed
{
    internal static (string Text, StreamTranslator Translator) Translate(byte[] stream, Dialect from, Dialect to, IReadOnlyList<int>? sizes = null, bool end = true, bool includeUsage = true)
    {
        StreamTranslator translator = new(from, to, "asked-model", includeUsage, GoldenTests.Now, requestId: "req_1");
        ArrayBufferWriter<byte> output = new();
        for (int at = 0, i = 0; at < stream.Length; i++)
        {
            int size = Math.Min(stream.Length - at, sizes is null ? stream.Length : sizes[i % sizes.Count]);
            translator.Feed(stream.AsSpan(at, size), output);
            at += size;
        }

        if (end && !translator.Complete(output)) { translator.Break(new(ApiErrorKind.BadGateway, "The provider broke off."), "req_1", output); }
        return (Encoding.UTF8.GetString(output.WrittenSpan), translator);
    }
}
