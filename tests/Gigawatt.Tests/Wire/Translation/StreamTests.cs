using System.Buffers;
using System.Text;
using CsCheck;
using Gigawatt.Models;
using Gigawatt.Wire;
using Gigawatt.Wire.Translation;
using Xunit;

namespace Gigawatt.Tests.Wire.Translation;

public sealed class StreamTests
{
    public static TheoryData<string, Dialect, Dialect> Streams => Golden.Cases("streams");

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_stream_becomes_what_its_file_says_in_valid_order(string name, Dialect from, Dialect to)
    {
        (string text, StreamTranslator translator) = Streamed.Translate(Golden.Input("streams", name, from, "sse"), from, to);
        Told told = Told.Read(to, text);
        Assert.Equal((translator.Ended, translator.ErrorSeen), (told.Ended, told.Error));
        Assert.NotEqual(told.Ended, told.Error);
        if (told.Ended) { Assert.Equal(string.Join(", ", translator.NotCarried), Told.NotCarried(text)); }
        Golden.Matches("streams", name, from, to, text, "sse");
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Where_the_bytes_are_split_does_not_matter(string name, Dialect from, Dialect to)
    {
        byte[] stream = Golden.Input("streams", name, from, "sse");
        string whole = Streamed.Translate(stream, from, to).Text;
        foreach (int size in (int[])[1, 2, 3, 7, 64, 501]) { Assert.Equal(whole, Streamed.Translate(stream, from, to, [size]).Text); }
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Cut_behind_any_event_a_stream_ends_with_an_error_and_never_as_if_it_were_whole(string name, Dialect from, Dialect to)
    {
        string stream = Golden.Text(Golden.Input("streams", name, from, "sse")).ReplaceLineEndings("\n");
        for (int at = stream.IndexOf("\n\n", StringComparison.Ordinal); at >= 0; at = stream.IndexOf("\n\n", at + 2, StringComparison.Ordinal))
        {
            (string text, StreamTranslator translator) = Streamed.Translate(Encoding.UTF8.GetBytes(stream[..(at + 2)]), from, to);
            Told told = Told.Read(to, text);
            Assert.NotEqual(told.Ended, told.Error);
            Assert.Equal(translator.Ended, told.Ended);
            // A chat stream is whole with its finish_reason, the others with their last event only.
            if (told.Ended && from != Dialect.OpenAI) { Assert.Equal(stream.Length, at + 2); }
        }
    }

    [Fact]
    public void Parallel_calls_in_any_order_come_one_after_the_other()
    {
        Told told = Told.Read(Dialect.Anthropic, Streamed.Translate(Golden.Input("streams", "interleaved-tools", Dialect.OpenAI, "sse"), Dialect.OpenAI, Dialect.Anthropic).Text);
        Assert.Equal([("call_1", "one", "{\"a\":1}"), ("call_2", "two", "{\"b\":2}"), ("call_3", "three", "{}")], told.Calls.Select(c => c with { Arguments = c.Arguments.Length == 0 ? "{}" : c.Arguments }));
        Assert.Equal(("Both.", "tool_use"), (told.Text, told.Stop));
    }

    [Theory]
    [InlineData(Dialect.Anthropic, Dialect.OpenAI, "{\"prompt_tokens\":330,\"prompt_tokens_details\":{\"cached_tokens\":300,\"cache_write_tokens\":20},\"completion_tokens\":60,\"completion_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":390}")]
    [InlineData(Dialect.OpenAI, Dialect.Anthropic, "{\"input_tokens\":30,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":300,\"output_tokens\":40,\"output_tokens_details\":{\"thinking_tokens\":15}}")]
    [InlineData(Dialect.Responses, Dialect.Anthropic, "{\"input_tokens\":30,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":300,\"output_tokens\":40,\"output_tokens_details\":{\"thinking_tokens\":15}}")]
    public void Cached_tokens_are_counted_as_the_clients_api_counts_them(Dialect from, Dialect to, string usage) =>
        Assert.Equal(usage, Told.Read(to, Streamed.Translate(Golden.Input("streams", "tools", from, "sse"), from, to).Text).Usage!.ToJsonString());

    [Fact]
    public void A_chat_client_that_did_not_ask_for_usage_gets_none()
    {
        string text = Streamed.Translate(Golden.Input("streams", "text", Dialect.Anthropic, "sse"), Dialect.Anthropic, Dialect.OpenAI, includeUsage: false).Text;
        Assert.DoesNotContain("usage", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_piece_of_text_goes_out_with_the_bytes_that_complete_it()
    {
        string stream = Golden.Text(Golden.Input("streams", "text", Dialect.OpenAI, "sse"));
        int first = stream.IndexOf("\n\n", stream.IndexOf("Grüße", StringComparison.Ordinal), StringComparison.Ordinal) + 2;
        (string text, _) = Streamed.Translate(Encoding.UTF8.GetBytes(stream[..first]), Dialect.OpenAI, Dialect.Anthropic, end: false);
        Assert.Contains("\"text\":\"Grüße \\\"to\\\"\\n\"", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Dialect.OpenAI, Dialect.Anthropic)]
    [InlineData(Dialect.OpenAI, Dialect.Responses)]
    [InlineData(Dialect.Anthropic, Dialect.OpenAI)]
    [InlineData(Dialect.Responses, Dialect.OpenAI)]
    public void What_an_events_name_calls_an_error_is_one_whatever_its_data(Dialect from, Dialect to)
    {
        (string text, StreamTranslator translator) = Streamed.Translate("event: error\r\ndata: {\"message\":\"their words\"}\r\n\r\n"u8.ToArray(), from, to);
        Assert.True(Told.Read(to, text).Error && translator.ErrorSeen);
        Assert.Contains("their words", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_waits_for_its_turn_is_bounded()
    {
        StreamTranslator translator = new(Dialect.OpenAI, Dialect.Anthropic, "m", false, GoldenTests.Now);
        CountingWriter output = new();
        string call = "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}},{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"\"}}]}}]}\n\n";
        byte[] more = Encoding.UTF8.GetBytes("data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":1,\"function\":{\"arguments\":\"" + new string('x', 1 << 20) + "\"}}]}}]}\n\n");
        translator.Feed(Encoding.UTF8.GetBytes(call), output);
        for (int i = 0; i < 40 && !translator.ErrorSeen; i++) { translator.Feed(more, output); }
        Assert.True(translator.ErrorSeen);
        Assert.True(output.Written < 1 << 20);
    }

    [Fact]
    public void A_line_without_an_end_is_bounded()
    {
        StreamTranslator translator = new(Dialect.Anthropic, Dialect.OpenAI, "m", false, GoldenTests.Now);
        CountingWriter output = new();
        byte[] piece = new byte[1 << 20];
        for (int i = 0; i < 40 && !translator.ErrorSeen; i++) { translator.Feed(piece, output); }
        Assert.True(translator.ErrorSeen);
    }

    [Fact]
    public void Breaking_twice_or_after_the_end_writes_nothing_more()
    {
        (string text, StreamTranslator translator) = Streamed.Translate(Golden.Input("streams", "text", Dialect.Anthropic, "sse"), Dialect.Anthropic, Dialect.OpenAI);
        ArrayBufferWriter<byte> output = new();
        translator.Break(new(ApiErrorKind.BadGateway, "late"), "req", output);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        Assert.Equal(0, output.WrittenCount);
    }

    private sealed class CountingWriter : IBufferWriter<byte>
    {
        private readonly byte[] _buffer = new byte[4 << 20];

        internal long Written { get; private set; }

        public void Advance(int count) => Written += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => sizeHint > _buffer.Length ? new byte[sizeHint] : _buffer;

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
