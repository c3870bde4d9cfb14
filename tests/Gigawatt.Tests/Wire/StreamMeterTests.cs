using System.Text;
using Gigawatt.Models;
using Gigawatt.Wire;
using Xunit;

namespace Gigawatt.Tests.Wire;

public sealed class StreamMeterTests
{
    private const string Start = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":25,\"cache_read_input_tokens\":7,\"cache_creation_input_tokens\":3,\"output_tokens\":1}}}\n\n";
    private const string Stop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

    private static StreamMeter Meter(string text, Dialect dialect = Dialect.Anthropic)
    {
        StreamMeter meter = new(dialect);
        meter.Feed(Encoding.UTF8.GetBytes(text));
        return meter;
    }

    private static string Delta(string json) => $"event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{json}}}\n\n";

    private static string MessageDelta(string usage) => $"event: message_delta\ndata: {{\"type\":\"message_delta\",\"delta\":{{\"stop_reason\":\"end_turn\"}},\"usage\":{usage}}}\n\n";

    [Fact]
    public void The_last_usage_replaces_and_never_adds()
    {
        StreamMeter meter = Meter(Start + MessageDelta("{\"output_tokens\":40}") + MessageDelta("{\"output_tokens\":50}") + Stop);
        Assert.Equal(new TokenUsage(25, 7, 3, 50), meter.Usage);
        Assert.True(meter.UsageSeen && meter.Ended);
        Assert.Equal(meter.Usage, meter.UsageOrFloor(1_000_000));
    }

    [Fact]
    public void The_prompts_counts_may_be_corrected_at_the_end() => Assert.Equal(
        new TokenUsage(30, 0, 3, 50),
        Meter(Start + MessageDelta("{\"input_tokens\":30,\"cache_read_input_tokens\":0,\"output_tokens\":50}")).Usage);

    [Fact]
    public void The_first_events_usage_does_not_count_as_the_end()
    {
        StreamMeter meter = Meter(Start);
        Assert.Equal(new TokenUsage(25, 7, 3, 1), meter.Usage);
        Assert.False(meter.UsageSeen || meter.Ended);
    }

    [Fact]
    public void An_aborted_stream_counts_a_token_for_every_four_bytes_of_text()
    {
        StreamMeter meter = Meter(Start + Delta("{\"type\":\"text_delta\",\"text\":\"0123456789\"}") + Delta("{\"type\":\"thinking_delta\",\"thinking\":\"0123\"}")
            + Delta("{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"a\\\":1}\"}") + Delta("{\"type\":\"signature_delta\",\"signature\":\"AAAAAAAAAAAA\"}"));
        Assert.Equal(10 + 4 + 7, meter.OutputTextBytes);
        Assert.Equal(new TokenUsage(25, 7, 3, 6), meter.UsageOrFloor(1_000_000));
    }

    [Fact]
    public void A_stream_cut_before_it_began_counts_a_quarter_of_the_prompts_bytes() =>
        Assert.Equal(new TokenUsage(25, 0, 0, 0), Meter("").UsageOrFloor(100));

    [Theory]
    [InlineData("[]", true)]
    [InlineData("[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]", false)]
    [InlineData("[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"stop\"}]", true)]
    [InlineData("[{\"finish_reason\":\"stop\"},{\"finish_reason\":null}]", false)]
    public void Counts_in_the_middle_of_a_chat_stream_do_not_end_it(string choices, bool ends)
    {
        StreamMeter meter = Meter($"data: {{\"choices\":{choices},\"usage\":{{\"prompt_tokens\":5,\"completion_tokens\":4}}}}\n\n", Dialect.OpenAI);
        Assert.Equal((true, ends, false), (meter.UsageSeen, meter.OnlyEndMissing, meter.Ended));
    }

    [Theory]
    [InlineData("\"plain\"", 5)]
    [InlineData("\"\"", 0)]
    [InlineData("\"\u00e9\u4e2d\ud83d\ude00\"", 2 + 3 + 4)]
    [InlineData("\"\\n\\\"\\\\\\u0041\"", 4)]
    [InlineData("\"\\u4e2d\\ud83d\\ude00\"", 2 + 4)]
    [InlineData(" \"spaced\"", 6)]
    [InlineData("null", 0)]
    [InlineData("{\"text\":\"nested\"}", 0)]
    public void Text_is_measured_in_utf8_bytes_never_too_many(string json, int bytes)
    {
        Assert.Equal(bytes, Meter(Delta($"{{\"type\":\"text_delta\",\"text\":{json}}}")).OutputTextBytes);
        Assert.Equal(bytes, Meter($"data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{json}}}}}]}}\n\n", Dialect.OpenAI).OutputTextBytes);
    }

    [Fact]
    public void Text_that_talks_of_the_protocol_is_text()
    {
        StreamMeter meter = Meter(Start + Delta("{\"type\":\"text_delta\",\"text\":\"\\n\\nevent: message_stop\\ndata: {\\\"usage\\\":{\\\"output_tokens\\\":9}}\"}"));
        Assert.False(meter.Ended || meter.UsageSeen || meter.ErrorSeen);
        meter = Meter("data: {\"choices\":[{\"delta\":{\"content\":\"\\\"usage\\\":{\\\"completion_tokens\\\":9} \\\"error\\\":{} [DONE]\"}}]}\n\n", Dialect.OpenAI);
        Assert.False(meter.Ended || meter.UsageSeen || meter.ErrorSeen);
    }

    [Fact]
    public void Events_without_an_event_line_are_known_by_their_type()
    {
        StreamMeter meter = Meter("data: {\"message\":{\"usage\":{\"input_tokens\":5}},\"type\":\"message_start\"}\n\ndata:{\"type\":\"message_delta\",\"usage\":{\"output_tokens\":2}}\r\n\r\ndata: {\"type\":\"message_stop\"}\n\n");
        Assert.Equal(new TokenUsage(5, 0, 0, 2), meter.Usage);
        Assert.True(meter.Ended && meter.UsageSeen);
    }

    [Fact]
    public void The_name_of_an_event_ends_with_the_event() =>
        Assert.True(Meter("event: ping\ndata: {\"type\":\"ping\"}\n\ndata: {\"type\":\"message_stop\"}\n\n").Ended);

    [Fact]
    public void Unknown_events_comments_and_pings_change_nothing()
    {
        StreamMeter meter = Meter(": hello\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\nevent: brand_new\nid: 7\ndata: {\"type\":\"brand_new\",\"usage\":{\"output_tokens\":9}}\n\n");
        Assert.Equal(default, meter.Usage);
        Assert.False(meter.UsageSeen || meter.Ended || meter.ErrorSeen || meter.InsideEvent);
    }

    [Fact]
    public void An_error_event_is_seen()
    {
        Assert.True(Meter("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n").ErrorSeen);
        Assert.True(Meter("data: {\"error\":{\"message\":\"x\"}}\n\n", Dialect.OpenAI).ErrorSeen);
        Assert.True(Meter("data: {\"id\":\"1\",\"error\":{\"message\":\"x\"},\"choices\":[]}\n\n", Dialect.OpenAI).ErrorSeen);
        Assert.False(Meter("data: {\"id\":\"1\",\"error\":null,\"choices\":[{\"x\":{\"error\":1}}]}\n\n", Dialect.OpenAI).ErrorSeen);
    }

    [Fact]
    public void An_openai_stream_tells_its_usage_in_a_chunk_of_its_own()
    {
        StreamMeter meter = Meter(
            "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}],\"usage\":null}\n\n"
            + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,\"prompt_tokens_details\":{\"cached_tokens\":4}}}\n\ndata: [DONE]\n\n",
            Dialect.OpenAI);
        Assert.Equal(new TokenUsage(5, 4, 0, 2), meter.Usage);
        Assert.True(meter.UsageSeen && meter.Ended);
        Assert.Equal(5, meter.OutputTextBytes);
    }

    [Fact]
    public void Tool_arguments_and_reasoning_of_all_choices_are_text() => Assert.Equal(3 + 4 + 5 + 6, Meter(
        "data: {\"choices\":[{\"delta\":{\"content\":null,\"tool_calls\":[{\"function\":{\"arguments\":\"123\"}},{\"function\":{\"arguments\":\"1234\"}}],\"reasoning_content\":\"12345\"}},{\"delta\":{\"content\":\"123456\"},\"logprobs\":{\"content\":[]}}]}\n\n",
        Dialect.OpenAI).OutputTextBytes);

    [Theory]
    [InlineData("data: [DONE]", true)]
    [InlineData("data: [DONE]\r", true)]
    [InlineData("data:[DONE]\n", true)]
    [InlineData("data: [DON", false)]
    public void A_last_done_without_its_line_feed_is_an_end(string text, bool ended) => Assert.Equal(ended, Meter(text, Dialect.OpenAI).Ended);

    [Theory]
    [InlineData("", false)]
    [InlineData("event: ping", true)]
    [InlineData("event: ping\n", true)]
    [InlineData("event: ping\r\ndata: {}\r\n", true)]
    [InlineData("event: ping\r\ndata: {}\r\n\r\n", false)]
    public void It_knows_whether_an_event_is_left_open(string text, bool open) => Assert.Equal(open, Meter(text).InsideEvent);

    [Fact]
    public void A_line_of_any_length_costs_a_bounded_memory_and_the_next_is_read()
    {
        StreamMeter meter = new(Dialect.Anthropic);
        meter.Feed("event: content_block_delta\ndata: {\"delta\":{\"text\":\""u8);
        byte[] block = new byte[1 << 20];
        block.AsSpan().Fill((byte)'x');
        meter.Feed(block);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 64; i++) { meter.Feed(block); }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, StreamMeter.LineLimit);
        meter.Feed("\"}}\n\n"u8);
        meter.Feed(Encoding.UTF8.GetBytes(MessageDelta("{\"output_tokens\":50}")));
        Assert.InRange(meter.OutputTextBytes, StreamMeter.LineLimit / 2, StreamMeter.LineLimit);
        Assert.Equal(50, meter.Usage.Output);
    }

    [Fact]
    public void Whole_events_are_read_without_allocating()
    {
        byte[] stream = Encoding.UTF8.GetBytes(Start + string.Concat(Enumerable.Repeat(Delta("{\"type\":\"text_delta\",\"text\":\"token\"}"), 50)) + MessageDelta("{\"output_tokens\":50}") + Stop);
        StreamMeter meter = new(Dialect.Anthropic);
        meter.Feed(stream);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) { meter.Feed(stream); }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }
}
