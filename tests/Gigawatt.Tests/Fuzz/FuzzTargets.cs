using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Text;
using Gigawatt.Configuration;
using Gigawatt.Configuration.Migration;
using Gigawatt.Models;
using Gigawatt.Server.Control;
using Gigawatt.Server.Identity;
using Gigawatt.Server.Requests;
using Gigawatt.Tests.Wire.Translation;
using Gigawatt.Units;
using Gigawatt.Wire;
using Gigawatt.Wire.Batches;
using Gigawatt.Wire.Bedrock;
using Gigawatt.Wire.Responses;
using Gigawatt.Wire.Translation;
using Xunit;

namespace Gigawatt.Tests.Fuzz;

/// <summary>Every parser of bytes that others wrote. Each tells in a text all that it read, and throws only where its bytes must not be taken.</summary>
internal static class FuzzTargets
{
    internal static readonly SortedDictionary<string, Func<byte[], string>> All = new(StringComparer.Ordinal)
    {
        ["request-anthropic"] = static bytes => Request(bytes, Dialect.Anthropic),
        ["request-chat"] = static bytes => Request(bytes, Dialect.OpenAI),
        ["request-responses"] = static bytes => Request(bytes, Dialect.Responses),
        ["request-embeddings"] = static bytes => Request(bytes, Dialect.Embeddings),
        ["answer-anthropic"] = static bytes => Answer(bytes, Dialect.Anthropic),
        ["answer-chat"] = static bytes => Answer(bytes, Dialect.OpenAI),
        ["answer-responses"] = static bytes => Answer(bytes, Dialect.Responses),
        ["stream-anthropic"] = static bytes => Stream(bytes, Dialect.Anthropic),
        ["stream-chat"] = static bytes => Stream(bytes, Dialect.OpenAI),
        ["stream-responses"] = static bytes => Stream(bytes, Dialect.Responses),
        ["error"] = Error,
        ["aws-frames"] = Frames,
        ["aws-message"] = Message,
        ["batch"] = Batch,
        ["config"] = Config,
        ["migrate"] = Migrate,
        ["key"] = Key,
        ["header"] = Header,
    };

    private static string Request(byte[] bytes, Dialect dialect)
    {
        bool read = RequestReader.TryRead(bytes, dialect, null, out RequestFacts facts, out ApiError? error);
        StringBuilder said = new();
        said.Append(read ? facts.ToString() : error!.ToString()).Append(PromptPrefix.Hash(bytes, 64));
        foreach (Dialect to in Golden.Formats.Where(to => RequestTranslator.CanTranslate(dialect, to)))
        {
            bool told = RequestTranslator.TryTranslate(bytes, dialect, to, GoldenTests.Target, out TranslatedRequest? translated, out ApiError? refused);
            said.Append(told ? string.Join('|', translated!.NotCarried) + Encoding.UTF8.GetString(translated.Body) : refused!.ToString());
            // What is sent must be read by the next server as it was by this one.
            if (told && read) { Assert.True(RequestReader.TryRead(translated!.Body, to, null, out _, out ApiError? unread), unread?.Message); }
        }

        if (dialect == Dialect.Responses)
        {
            said.Append(StateRequest.Read(bytes));
            byte[] input = ConversationItems.InputOf(bytes).ToArray();
            if (read) { said.Append(ConversationItems.Split(input).Count).Append(ConversationItems.Expand(bytes, [])?.Length); }
        }

        if (!read) { return said.ToString(); }
        if (dialect == Dialect.Anthropic) { said.Append(ThinkingSplice.TryRemove(bytes, out ReadOnlyMemory<byte> left, out bool found)).Append(found).Append(left.Length); }
        said.Append(Encoding.UTF8.GetString(BodySplice.WithModel(bytes, "other")));
        if (dialect == Dialect.OpenAI) { said.Append(BodySplice.AsksForUsage(bytes)).Append(Encoding.UTF8.GetString(BodySplice.WithUsage(bytes, "other", out _))); }
        return said.ToString();
    }

    private static string Answer(byte[] bytes, Dialect dialect)
    {
        StringBuilder said = new();
        said.Append(AnswerReader.TryReadUsage(bytes, dialect, out TokenUsage usage)).Append(usage).Append(Encoding.UTF8.GetString(ConversationItems.OutputOf(bytes)));
        foreach (Dialect to in Golden.Formats.Where(to => to != dialect))
        {
            AnswerTranslator.TryTranslate(bytes, dialect, to, "m", out byte[] body, out IReadOnlyList<string> notCarried, out ApiError? error, now: GoldenTests.Now);
            said.Append(Encoding.UTF8.GetString(body)).AppendJoin('|', notCarried).Append(error);
            if (error is null) { Assert.NotNull(System.Text.Json.Nodes.JsonNode.Parse(body)); }
        }

        return said.ToString();
    }

    private static string Stream(byte[] bytes, Dialect dialect)
    {
        StringBuilder said = new();
        said.Append(FirstEvent.IsComplete(bytes)).Append(FirstEvent.TryReadError(bytes, dialect, out int status, out byte[] error)).Append(status).Append(error.Length);
        StreamMeter meter = new(dialect), split = new(dialect);
        UsageChunkFilter filter = new();
        ArrayBufferWriter<byte> passed = new();
        meter.Feed(bytes);
        foreach (byte[] piece in bytes.Chunk(7))
        {
            split.Feed(piece);
            filter.Feed(piece, passed);
        }

        filter.Complete(passed);
        Assert.Equal(Seen(meter), Seen(split));
        said.Append(Seen(meter)).Append(passed.WrittenCount);
        foreach (Dialect to in Golden.Formats.Where(to => to != dialect))
        {
            (string text, _) = Streamed.Translate(bytes, dialect, to);
            Assert.Equal(text, Streamed.Translate(bytes, dialect, to, [5]).Text);
            said.Append(text);
            // Half of a surrogate pair is handed on as it came, and the reader here refuses it.
            if (text.Contains("\\ud800", StringComparison.Ordinal)) { continue; }
            Told told = Told.Read(to, text);
            Assert.NotEqual(told.Ended, told.Error);
        }

        if (dialect != Dialect.Responses) { return said.ToString(); }
        for (int at = 0, end; at < bytes.Length && (end = ResponseEvent.EndOf(bytes.AsSpan(at), 0)) > 0; at += end)
        {
            byte[] one = bytes[at..(at + end)];
            if (!ResponseEvent.TryFind(one, out Range data, out ReadOnlySpan<byte> response, out bool ends)) { continue; }
            ArrayBufferWriter<byte> written = new();
            ResponseEvent.Write(one, data, response.ToArray(), written);
            said.Append(ends).Append(written.WrittenCount);
        }

        return said.ToString();
    }

    private static (TokenUsage, bool, bool, bool, bool, long, TokenUsage) Seen(StreamMeter meter) =>
        (meter.Usage, meter.UsageSeen, meter.Ended, meter.ErrorSeen, meter.OnlyEndMissing, meter.OutputTextBytes, meter.UsageOrFloor(100));

    private static string Error(byte[] bytes)
    {
        StringBuilder said = new();
        said.Append(CloudErrors.IsAnthropic(bytes)).Append(CloudErrors.MessageOf(bytes)).Append(BedrockErrors.Read(429, Encoding.UTF8.GetString(bytes), bytes)).Append(BedrockErrors.Count(bytes)?.Length);
        foreach (Dialect from in Golden.Formats)
        {
            foreach (Dialect to in Golden.Formats)
            {
                (int status, byte[] body) = AnswerTranslator.TranslateError(400, bytes, from, to, "req_1");
                said.Append(status).Append(Encoding.UTF8.GetString(body));
                Assert.NotNull(System.Text.Json.Nodes.JsonNode.Parse(body));
            }
        }

        return said.ToString();
    }

    private static string Frames(byte[] bytes)
    {
        EventStreamReader reader = new();
        StringBuilder said = new();
        try
        {
            foreach (byte[] piece in bytes.Chunk(100))
            {
                for (ReadOnlySpan<byte> rest = piece; !rest.IsEmpty;)
                {
                    Memory<byte> free = reader.Free();
                    int length = Math.Min(rest.Length, free.Length);
                    rest[..length].CopyTo(free.Span);
                    reader.Advance(length);
                    rest = rest[length..];
                }

                while (reader.TryRead(out EventStreamMessage message)) { said.Append(Carried(message)); }
            }
        }
        catch (FormatException e) { said.Append(e.Message); }
        return said.Append(reader.InsideMessage).ToString();
    }

    // The checksums keep damaged bytes from what lies behind them, so here they are right: a length of headers, headers, a payload.
    private static string Message(byte[] bytes)
    {
        int headers = bytes.Length == 0 ? 0 : Math.Min(bytes[0], bytes.Length - 1);
        byte[] content = bytes.Length == 0 ? [] : bytes[1..];
        byte[] frame = new byte[16 + content.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)frame.Length);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), (uint)headers);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(8), Crc32.Of(frame.AsSpan(0, 8)));
        content.CopyTo(frame, 12);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(frame.Length - 4), Crc32.Of(frame.AsSpan(0, frame.Length - 4)));
        return Frames(frame);
    }

    private static string Carried(EventStreamMessage message)
    {
        ArrayBufferWriter<byte> output = new();
        BedrockEvents.Write(message, output);
        byte[]? error = BedrockErrors.Event(message, "req_1");
        return Encoding.UTF8.GetString(output.WrittenSpan) + (error is null ? "" : Encoding.UTF8.GetString(error));
    }

    private static string Batch(byte[] bytes)
    {
        StringBuilder said = new();
        BatchScanner scanner = new(AnthropicVersion.V2026_10_21, item => said.Append(item));
        ApiError? error = scanner.Scan(new MemoryStream(bytes));
        return said.Append(scanner.Count).Append(error).ToString();
    }

    private static string Config(byte[] bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        Loaded<ServerConfig> loaded = ServerConfig.Parse(text, "f", new Dictionary<string, string>());
        Assert.Equal(loaded.IsValid, loaded.Problems.Count == 0);
        return string.Join('\n', loaded.Problems);
    }

    private static string Migrate(byte[] bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        StringBuilder said = new();
        foreach (Func<string, string, Func<string, string?>, Loaded<MigratedConfig>> read in (Func<string, string, Func<string, string?>, Loaded<MigratedConfig>>[])[LiteLlmMigration.Read, PortkeyMigration.Read, EnvironmentMigration.Read])
        {
            Loaded<MigratedConfig> loaded = read(text, "f", static name => name.Length % 2 == 0 ? "v" : null);
            said.AppendJoin('\n', loaded.Problems);
            if (!loaded.IsValid) { continue; }
            said.Append(loaded.Value.Yaml).AppendJoin('\n', loaded.Value.Notes);
            // What is written must be a config that the server takes.
            Loaded<ServerConfig> ours = ServerConfig.Parse(loaded.Value.Yaml, "f", new Dictionary<string, string>());
            said.AppendJoin('\n', ours.Problems);
        }

        return said.ToString();
    }

    private static string Key(byte[] bytes)
    {
        byte[] hash = new byte[ApiKey.HashLength];
        return ApiKey.TryHash("secret"u8, Encoding.UTF8.GetString(bytes), hash) + Convert.ToHexString(hash);
    }

    private static string Header(byte[] bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        StringBuilder said = new();
        said.Append(UsagePeriod.TryRead(text, DateTimeOffset.UnixEpoch, out DateTimeOffset from, out DateTimeOffset to)).Append(from.Ticks).Append(to.Ticks);
        said.Append(UsagePeriod.TryReadTime(text, true, out DateTimeOffset time)).Append(time.Ticks);
        said.Append(ClientAddress.Of(IPAddress.Loopback, text, [new(IPAddress.Loopback, 8)]));
        said.Append(RetrySignals.ClientTimeout(text));
        foreach (string name in (string[])["retry-after", "retry-after-ms", "x-should-retry"])
        {
            RetrySignals signals = RetrySignals.Read([new(name, text)], Instant.Epoch);
            said.Append(signals.RetryAfter).Append(signals.Retries(500));
        }

        return said.ToString();
    }
}
