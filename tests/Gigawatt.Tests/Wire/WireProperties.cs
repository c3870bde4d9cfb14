using System.Text;
using CsCheck;
using Gigawatt.Models;
using Gigawatt.Wire;
using Xunit;

namespace Gigawatt.Tests.Wire;

/// <summary>Whatever bytes come, split however: the readers do not throw, and the meter does not care where the splits are.</summary>
/// <remarks>Pieces of real streams are shuffled with garbage and cut at random places, so that parsers are reached, not just
/// their first check.</remarks>
public sealed class WireProperties
{
    private static readonly Gen<Dialect> Dialects = Gen.OneOf(Dialect.Anthropic, Dialect.OpenAI);

    private static readonly Gen<byte[]> Fragment = Gen.OneOf(
        Gen.Byte.Array[0, 20],
        Gen.OneOf(
            "event: message_start\n", "event: message_delta\r\n", "event: content_block_delta\n", "event: error\n", "event: x\n", "\n", "\r\n", "\r", "data: [DONE]\n", "data:",
            "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n",
            "data: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":7,\"cache_read_input_tokens\":2}}\n\n",
            "data: {\"type\":\"message_stop\"}\n\n",
            "data: {\"delta\":{\"text\":\"a\\u00e9\\\"b\"}}\n\n", "data: {\"delta\":{\"text\":\"cut", "\\", "\"usage\":", "{\"usage\":{\"prompt_tokens\":", "\ud83d\ude00",
            "data: {\"choices\":[{\"delta\":{\"content\":\"abc\"}}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":4,\"prompt_tokens_details\":{\"cached_tokens\":3}}}\n\n",
            "data: {\"error\":{}}\n\n", new string('y', 40_000)).Select(Encoding.UTF8.GetBytes));

    private static readonly Gen<byte[]> StreamBytes = Fragment.Array[0, 30].Select(fragments => fragments.SelectMany(bytes => bytes).ToArray());

    private static readonly Gen<byte[]> RequestBytes = Gen.OneOf(
        Gen.Byte.Array[0, 60],
        Gen.OneOf(
            "{", "}", "[", "]", ",", ":", "\"model\":", "\"m\"", "\"max_tokens\":", "\"n\":", "\"stream\":", "\"messages\":", "\"content\":", "\"type\":", "\"image\"", "\"source\":", "\"url\":",
            "\"data\":", "\"base64\"", "\"\\ud800\"", "\"\\u006dodel\":", "1", "-1", "1e9", "1.5", "true", "null", "[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{", " ", "\u0000")
            .Array[0, 25].Select(texts => Encoding.UTF8.GetBytes(string.Concat(texts))),
        Gen.Select(Gen.Int[0, 120], Gen.Byte, (at, value) =>
        {
            byte[] valid = """{"model":"m","max_tokens":10,"stream":true,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","data":"AA"}}]}]}"""u8.ToArray();
            valid[at] = value;
            return valid;
        }));

    private static (TokenUsage Usage, bool UsageSeen, bool Ended, bool ErrorSeen, bool InsideEvent, long TextBytes, TokenUsage Floor) State(StreamMeter meter) =>
        (meter.Usage, meter.UsageSeen, meter.Ended, meter.ErrorSeen, meter.InsideEvent, meter.OutputTextBytes, meter.UsageOrFloor(100));

    [Fact]
    public void The_meter_sees_the_same_however_the_stream_is_split() =>
        Gen.Select(Dialects, StreamBytes, Gen.Int[1, 200].Array[1, 20]).Sample((dialect, bytes, sizes) =>
        {
            StreamMeter whole = new(dialect), split = new(dialect);
            whole.Feed(bytes);
            for (int at = 0, i = 0; at < bytes.Length; i++)
            {
                // Some pieces are large, so that long lines are cut in few places too.
                int size = Math.Min(bytes.Length - at, i % 7 == 6 ? sizes[i % sizes.Length] * 500 : sizes[i % sizes.Length]);
                split.Feed(bytes.AsSpan(at, size));
                at += size;
            }

            Assert.Equal(State(whole), State(split));
        }, iter: 3000);

    [Fact]
    public void A_prefix_of_a_stream_never_says_more_text_than_the_whole() =>
        Gen.Select(Dialects, StreamBytes, Gen.Double.Unit).Sample((dialect, bytes, share) =>
        {
            StreamMeter whole = new(dialect), prefix = new(dialect);
            whole.Feed(bytes);
            prefix.Feed(bytes.AsSpan(0, (int)(bytes.Length * share)));
            Assert.True(prefix.OutputTextBytes <= whole.OutputTextBytes);
        }, iter: 1000);

    [Fact]
    public void The_request_reader_refuses_or_reads_but_never_throws() =>
        Gen.Select(Dialects, Gen.OneOf<string?>(null, AnthropicVersion.V2026_10_21), RequestBytes).Sample((dialect, version, bytes) =>
        {
            bool read = RequestReader.TryRead(bytes, dialect, version, out RequestFacts facts, out ApiError? error);
            Assert.Equal(read, error is null);
            if (!read) { return; }
            Assert.False(string.IsNullOrWhiteSpace(facts.Model));
            Assert.True(facts.InputTokenBound > 0 && facts.MaxOutputTokens is null or >= 1 && facts.Choices >= 1);
        }, iter: 20_000);

    [Fact]
    public void The_answer_reader_never_throws() =>
        Gen.Select(Dialects, Gen.OneOf(RequestBytes, StreamBytes)).Sample((dialect, bytes) => { AnswerReader.TryReadUsage(bytes, dialect, out _); }, iter: 5000);
}
